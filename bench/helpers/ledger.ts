import type { AddressInfo, Server } from 'node:net';

/** Counts mails by our id, and tells the parent process on request. */
export function createLedger() {
  const ids = new Set<string>();
  let copies = 0;
  let lastAt = 0;
  return {
    take(id: string): void {
      if (ids.has(id)) copies += 1;
      ids.add(id);
      lastAt = Date.now();
    },
    serve(server: Server): void {
      server.listen(0, '127.0.0.1', () => {
        process.send?.((server.address() as AddressInfo).port);
      });
      process.on('message', () => process.send?.({ mails: ids.size, copies, lastAt }));
      process.on('disconnect', () => process.exit(0));
    },
  };
}
