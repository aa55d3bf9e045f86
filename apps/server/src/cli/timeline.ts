import type { EmailDetail } from '@courierx/contract';

/** Prints what is new in an email's life each time it is shown. */
export function createTimeline(printLine: (line: string) => void): {
  show(email: EmailDetail): void;
} {
  const shown = new Set<string>();
  const once = (key: string, at: string, text: string) => {
    if (shown.has(key)) return;
    shown.add(key);
    printLine(`${at}  ${text}`);
  };
  return {
    show(email) {
      once('queued', email.queued_at, `queued     ${email.id}`);
      for (const attempt of email.attempts) {
        const { number, finished_at: finishedAt, outcome } = attempt;
        const where = `${attempt.provider_connection_name} (${attempt.provider})`;
        once(`start ${number}`, attempt.started_at, `attempt ${number}  ${where}`);
        if (outcome === null || finishedAt === null) continue;
        const why = [attempt.reason?.replaceAll('_', ' '), attempt.detail]
          .filter(Boolean)
          .join(': ');
        const took = attempt.latency_ms === null ? '' : ` in ${attempt.latency_ms} ms`;
        once(`end ${number}`, finishedAt, `           ${outcome}${took}${why ? `, ${why}` : ''}`);
      }
      for (const event of email.events) {
        const detail = event.event_type === 'failed' && event.detail ? `, ${event.detail}` : '';
        once(
          event.id,
          event.occurred_at,
          `${event.event_type.padEnd(10)} ${event.recipient ?? ''}${detail}`,
        );
      }
      const { next_attempt_at: next } = email;
      if (email.status === 'queued' && email.status_reason !== null && next !== null) {
        once(
          `wait ${email.status_reason}`,
          new Date().toISOString(),
          `waiting    ${email.status_reason} (next attempt ${next})`,
        );
      }
    },
  };
}
