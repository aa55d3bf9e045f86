import { Type, type Static } from 'typebox';
import { nullable } from './common.ts';

/** No count goes beyond it: to count a long queue costs as much as a short one. */
export const MAX_QUEUE_COUNT = 100_000;

const Count = Type.Integer({ minimum: 0, maximum: MAX_QUEUE_COUNT });

/** The mail of an account that is still to be sent. */
export const Queue = Type.Object(
  {
    queued: Count,
    due: Type.Integer({ ...Count, description: 'Of these, those that may go now.' }),
    in_flight: Type.Integer({ ...Count, description: 'Those a worker has in hand.' }),
    held: Type.Integer({
      ...Count,
      description: 'Those that may have been sent and wait for your decision (`on_unknown`).',
    }),
    oldest_due_seconds: nullable(
      Type.Integer({ minimum: 0, description: 'How long the oldest due one has waited.' }),
    ),
  },
  { description: `Counts stop at ${MAX_QUEUE_COUNT}.` },
);
export type Queue = Static<typeof Queue>;
