import { Button } from '../../../components/ui/button.tsx';
import { Progress } from '../../../components/ui/progress.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { formatNumber, formatPercent } from '../../../lib/format.ts';
import type { ImportProgress } from '../api/import-suppressions.ts';

type Props = {
  readonly progress: ImportProgress;
  readonly total: number | null;
  readonly onStop: () => void;
};

export function ImportProgressCard({ progress: { uploaded, state }, total, onStop }: Props) {
  const lines = state?.lines ?? 0;
  const isUploading = state === null && uploaded < 1;
  const share = isUploading || total === null ? uploaded : lines / Math.max(1, total);
  return (
    <Section
      title={isUploading ? 'Uploading' : 'Importing'}
      aside={<Button onClick={onStop}>Stop</Button>}
    >
      <Progress label="Import" share={share} />
      <p className="tabular-nums">
        {isUploading
          ? formatPercent(uploaded)
          : `${formatNumber(lines)}${total === null ? '' : ` of ${formatNumber(total)}`} lines`}
        {state !== null && (
          <span className="text-muted">
            {' '}
            · {formatNumber(state.imported)} new, {formatNumber(state.failed)} left out
          </span>
        )}
      </p>
    </Section>
  );
}
