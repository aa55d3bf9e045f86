/** A share of a whole as a bar; what it means stands beside it in words. `share`: 0 to 1. */
export function Meter({
  share,
  isNearEnd,
}: {
  readonly share: number;
  readonly isNearEnd?: boolean;
}) {
  const percent = Math.min(100, Math.max(0, share * 100));
  return (
    <div aria-hidden className="h-1.5 w-full overflow-hidden rounded-full bg-sunken">
      <div
        className={`h-full rounded-full ${isNearEnd === true ? 'bg-warn' : 'bg-accent'}`}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
