import type { Socket } from 'node:net';
import { createFrontDoor } from './front-door.ts';
import type { Copy } from './law.ts';
import type { SinkFault, SinkFaultKind } from './plan.ts';

/** A provider of ours: real sockets, a ledger of its own, and bad manners when asked for. */
export type Sink = {
  readonly name: string;
  readonly port: number;
  readonly ledger: readonly Copy[];
  set(fault: SinkFault): Promise<void>;
  close(): Promise<void>;
};

/** What a server behind the front door needs. */
export type SinkCore = {
  take(emailId: string, recipients: readonly string[]): void;
  /** What is to happen to this request. */
  draw(): SinkFaultKind;
};

export const isRefused = (address: string) => address.startsWith('refused');

/** 200 to 2,000 ms. */
export const slowMs = () => 200 + 1_800 * Math.random();

/** Puts a server behind a front door; `serve` gets each connection. */
export async function createSink(
  name: string,
  build: (core: SinkCore) => (socket: Socket) => void,
): Promise<Sink> {
  const ledger: Copy[] = [];
  let fault: SinkFault = { kind: 'none', share: 0 };
  const serve = build({
    take: (emailId, recipients) => ledger.push({ emailId, sink: name, recipients }),
    draw: () => (Math.random() < fault.share ? fault.kind : 'none'),
  });
  const door = await createFrontDoor(serve);
  // One after the other: a door can't be opened while it is being shut.
  let last: Promise<void> = Promise.resolve();
  return {
    name,
    port: door.port,
    ledger,
    set(next) {
      fault = next;
      last = last.then(() => (next.kind === 'down' ? door.shut() : door.open()));
      return last;
    },
    async close() {
      await last;
      await door.shut();
    },
  };
}
