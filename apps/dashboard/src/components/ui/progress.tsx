import { Progress as Radix } from 'radix-ui';

type Props = {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
};

export function Progress({ label, share }: Props) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <Radix.Root
      value={percent}
      aria-label={label}
      className="h-2 overflow-hidden rounded-full bg-sunken"
    >
      <Radix.Indicator
        className="h-full origin-left rounded-full bg-accent transition-transform"
        // Set by script, which the content policy allows; an inline style it would not.
        style={{ transform: `scaleX(${percent / 100})` }}
      />
    </Radix.Root>
  );
}
