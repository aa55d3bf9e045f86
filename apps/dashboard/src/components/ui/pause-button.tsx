import { Pause, Play } from 'lucide-react';
import { Button } from './button.tsx';

type Props = {
  readonly name: string;
  readonly enabled: boolean;
  readonly onChange: (enabled: boolean) => void;
};

export function PauseButton({ name, enabled, onChange }: Props) {
  const action = enabled ? 'Pause' : 'Resume';
  return (
    <Button size="small" aria-label={`${action} ${name}`} onClick={() => onChange(!enabled)}>
      {enabled ? <Pause aria-hidden /> : <Play aria-hidden />}
      {action}
    </Button>
  );
}
