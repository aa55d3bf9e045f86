import type { UpdateProviderConnectionRequest } from '@courierx/contract';

type Caps = Pick<
  UpdateProviderConnectionRequest,
  'max_per_second' | 'max_per_day' | 'max_per_month' | 'keep_warm_percent'
>;

/** The columns of the caps that a request gives; null takes one away. */
export function capColumns(body: Caps) {
  const { max_per_second: second, max_per_day: day, max_per_month: month } = body;
  const { keep_warm_percent: warm } = body;
  return {
    ...(second !== undefined && { maxPerSecond: second }),
    ...(day !== undefined && { maxPerDay: day }),
    ...(month !== undefined && { maxPerMonth: month }),
    ...(warm !== undefined && { keepWarmPercent: warm }),
  };
}
