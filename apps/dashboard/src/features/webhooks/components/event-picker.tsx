import { CheckField } from '../../../components/ui/check-field.tsx';
import { ACCOUNT_EVENTS, EMAIL_EVENTS } from './event-words.ts';

type Props = {
  readonly events: ReadonlySet<string>;
  readonly onChange: (events: ReadonlySet<string>) => void;
};

/** Of none ticked, every email event is told. */
export function EventPicker({ events, onChange }: Props) {
  const toggle = (event: string) => {
    const next = new Set(events);
    if (!next.delete(event)) next.add(event);
    onChange(next);
  };
  return (
    <fieldset className="space-y-3">
      <legend className="font-medium">Events</legend>
      <CheckField
        label="Every email event"
        hint="Also those that are added later."
        checked={events.size === 0}
        onChange={() => onChange(new Set(events.size === 0 ? ['delivered', 'bounced'] : []))}
      />
      {(
        [
          ['Of your mail', EMAIL_EVENTS],
          ['Of your account', ACCOUNT_EVENTS],
        ] as const
      ).map(([title, words]) => (
        <div key={title} role="group" aria-label={title} className="space-y-2 border-t pt-3">
          <p className="text-[13px] text-muted">{title}</p>
          <div className="grid gap-2.5 sm:grid-cols-2">
            {words.map(([event, hint]) => (
              <CheckField
                key={event}
                label={event}
                hint={hint}
                checked={events.has(event)}
                onChange={() => toggle(event)}
              />
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
