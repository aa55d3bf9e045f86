/** Who wants room, and how much of it. */
export type Guest = { readonly key: string; readonly weight: number };

/** Lets in as much at a time as there is room for, and no more of one key than leaves some for others. */
export type Room = {
  /** Resolves when there is room; call what it resolves to once, to give it back. */
  enter(guest: Guest): Promise<() => void>;
};

/** What weighs more than all the room goes in when nothing else is there. */
export function createRoom({ total, perKey }: { total: number; perKey: number }): Room {
  const held = new Map<string, number>();
  const waiting: { readonly guest: Guest; readonly enter: () => void }[] = [];
  let used = 0;

  const fits = ({ weight }: Guest) => used === 0 || used + weight <= total;
  const isWithinShare = ({ key, weight }: Guest) =>
    !held.has(key) || (held.get(key) ?? 0) + weight <= perKey;

  function take({ key, weight }: Guest): void {
    used += weight;
    held.set(key, (held.get(key) ?? 0) + weight);
  }

  function giveBack({ key, weight }: Guest): void {
    used -= weight;
    const left = (held.get(key) ?? 0) - weight;
    if (left > 0) held.set(key, left);
    else held.delete(key);
    letIn();
  }

  /** In order: past those who wait for their own share only, never past one who waits for room. */
  function letIn(): void {
    const late = new Set<string>();
    for (const entry of [...waiting]) {
      const { guest } = entry;
      if (late.has(guest.key)) continue;
      if (!isWithinShare(guest)) late.add(guest.key);
      else if (fits(guest)) {
        take(guest);
        waiting.splice(waiting.indexOf(entry), 1);
        entry.enter();
      } else return;
    }
  }

  return {
    enter: (guest) =>
      new Promise((resolve) => {
        waiting.push({ guest, enter: () => resolve(() => giveBack(guest)) });
        letIn();
      }),
  };
}
