import { useNavigate, useSearch } from '@tanstack/react-router';
import { dayAgo } from '../../../lib/usage.ts';

export const PERIODS = [
  { value: '7d', label: '7 days', days: 7 },
  { value: '30d', label: '30 days', days: 30 },
  { value: '90d', label: '90 days', days: 90 },
] as const;
export type Period = (typeof PERIODS)[number]['value'];

/** Days of UTC, both included; `period` is null where they were chosen by hand. */
export type Range = {
  readonly period: Period | null;
  readonly from: string;
  readonly to: string;
};

type Search = { readonly period?: Period; readonly from?: string; readonly to?: string };

/** The days that are shown, which are in the URL. */
export function useRange(): readonly [Range, (search: Search) => void] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const setRange = (next: Search) =>
    void navigate({ to: '/analytics', search: next, replace: true });
  return [readRange(search), setRange];
}

function readRange(search: Readonly<Record<string, unknown>>): Range {
  const { from, to } = search;
  if (isDay(from) || isDay(to)) {
    const last = isDay(to) ? to : dayAgo(0);
    const first = isDay(from) ? from : dayAgo(29, Date.parse(last));
    return { period: null, from: first, to: last };
  }
  const { value, days } = PERIODS.find((period) => period.value === search['period']) ?? PERIODS[1];
  return { period: value, from: dayAgo(days - 1), to: dayAgo(0) };
}

function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
}
