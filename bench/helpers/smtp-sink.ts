// A mail server that costs as little as one can: no parsing beyond what the dialogue needs.
import { createServer } from 'node:net';
import { createLedger } from './ledger.ts';

const ledger = createLedger();
const server = createServer((socket) => {
  let pending = '';
  let isBody = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    let answer = '';
    for (;;) {
      const mark = isBody ? '\r\n.\r\n' : '\r\n';
      const at = pending.indexOf(mark);
      if (at < 0) break;
      const text = pending.slice(0, at);
      pending = pending.slice(at + mark.length);
      if (isBody) {
        isBody = false;
        ledger.take(/X-CourierX-Email-Id: (\S+)/i.exec(text)?.[1] ?? '');
        answer += '250 2.0.0 taken\r\n';
      } else if (/^EHLO/i.test(text)) answer += '250-sink\r\n250 PIPELINING\r\n';
      else if (/^DATA/i.test(text)) {
        isBody = true;
        answer += '354 go on\r\n';
      } else answer += '250 2.0.0 ok\r\n';
    }
    if (answer !== '') socket.write(answer);
  });
});
ledger.serve(server);
