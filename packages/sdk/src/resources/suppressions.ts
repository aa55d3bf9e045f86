import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';

export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'manual';

export type Suppression = {
  id: string;
  email: string;
  reason: SuppressionReason;
  note: string | null;
  createdAt: string;
};

export type AddSuppressionInput = {
  email: string;
  /** Default `manual`. */
  reason?: SuppressionReason | undefined;
  note?: string | null | undefined;
};

export type ListSuppressionsInput = PageInput & {
  reason?: SuppressionReason | undefined;
  email?: string | undefined;
};

export class Suppressions extends Resource {
  add(input: AddSuppressionInput, options?: CallOptions): Promise<Suppression> {
    return this.request({ method: 'POST', path: '/suppressions', body: input }, options);
  }

  list(input: ListSuppressionsInput = {}, options?: CallOptions): List<Suppression> {
    return this.pages('/suppressions', input, options);
  }

  /** The address gets mail again, unless another reason stands. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `/suppressions/${segment(id)}` }, options);
  }
}
