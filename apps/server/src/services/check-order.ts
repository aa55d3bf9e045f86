import type { ReorderRequest } from '@courierx/contract';
import { requireSound, type Checked } from './checked.ts';

/** Past these nobody reads on. */
const MAX_FAULTS = 100;

export type Orderable = { readonly id: string; readonly name: string };

/**
 * All of `items` in the order that is asked for, or `invalid_request`: an order of a part would leave
 * open where the rest belongs, also what was made since the caller looked.
 */
export function requireOrder(
  body: Checked<ReorderRequest>,
  items: readonly Orderable[],
  noun: string,
): Orderable[] {
  const ids = body.sound.ids ?? [];
  const byId = new Map(items.map((item) => [item.id, item]));
  const places = new Map<string, number>();
  const faults: string[] = [];
  for (const [at, text] of ids.entries()) {
    const id = text.toLowerCase();
    if (!byId.has(id)) faults.push(`ids[${at}] is not one of your ${noun}`);
    else if (places.has(id)) faults.push(`ids[${at}] is there already, as ids[${places.get(id)}]`);
    else places.set(id, at);
  }
  const missing = items.filter(({ id }) => !places.has(id));
  if (body.sound.ids !== undefined && missing.length > 0) {
    const names = missing.slice(0, 10).map(({ name }) => `"${name}"`);
    faults.push(`ids must have all of your ${noun}; missing: ${names.join(', ')}`);
  }
  requireSound(body, faults.slice(0, MAX_FAULTS));
  return ids.flatMap((id) => byId.get(id.toLowerCase()) ?? []);
}
