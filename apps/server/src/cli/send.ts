import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Email, EmailDetail, SendEmailRequest } from '@courierx/contract';
import type { Command } from 'commander';
import { callApi, type ApiTarget } from './call-api.ts';
import { print, printJson, runCommand } from './output.ts';
import type { CliActions, CliConfig } from './types.ts';
import { createTimeline } from './timeline.ts';

type SendOptions = {
  url?: string;
  apiKey?: string;
  from: string;
  to: string[];
  cc?: string[];
  bcc?: string[];
  subject: string;
  text?: string;
  html?: string;
  attach?: string[];
  tag?: string[];
  idempotencyKey?: string;
  watch?: boolean;
  timeout: string;
  json?: boolean;
};

const POLL_MS = 200;
/** What the provider says next is waited for so long once it has the mail. */
const REPORT_MS = 3_000;

export function addSendCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('send')
    .description('Send a mail through a running CourierX.')
    .requiredOption('--from <address>', 'the sender')
    .requiredOption('--to <address...>', 'one or more recipients')
    .requiredOption('--subject <text>', 'the subject line')
    .option('--cc <address...>', 'copies')
    .option('--bcc <address...>', 'blind copies')
    .option('--text <text>', 'the plain text body; "-" reads it from stdin')
    .option('--html <html>', 'the HTML body')
    .option('--attach <file...>', 'files to attach')
    .option('--tag <tag...>', 'tags')
    .option('--idempotency-key <key>', 'the same key within 24 hours sends once')
    .option('--watch', 'print the timeline until the mail is sent, delivered or failed')
    .option('--timeout <seconds>', 'how long to watch', '60')
    .option('--url <url>', 'the server (COURIERX_BASE_URL, http://127.0.0.1:4000)')
    .option('--api-key <key>', 'an API key (COURIERX_API_KEY)')
    .option('--json', 'print JSON: the email, or with --watch its last state')
    .action(
      runCommand(async (options: SendOptions) => {
        const target = targetOf(options, actions.readConfig({}));
        const email = await post(target, options);
        if (options.watch) return watch(target, email, options);
        if (options.json) printJson(email);
        else print(`${email.status}  ${email.id}`);
      }),
    );
}

function targetOf(options: SendOptions, config: CliConfig): ApiTarget {
  const apiKey = options.apiKey ?? config.client.apiKey;
  if (apiKey === null) {
    throw new Error(
      'No API key: set COURIERX_API_KEY or give --api-key. docs/quickstart.md makes one.',
    );
  }
  return { baseUrl: (options.url ?? config.client.baseUrl).replace(/\/+$/, ''), apiKey };
}

async function post(target: ApiTarget, options: SendOptions): Promise<Email> {
  const body: SendEmailRequest = {
    from: options.from,
    to: options.to,
    subject: options.subject,
    ...(options.cc && { cc: options.cc }),
    ...(options.bcc && { bcc: options.bcc }),
    ...(options.tag && { tags: options.tag }),
    ...(options.html !== undefined && { html: options.html }),
    ...(options.text !== undefined && { text: await readText(options.text) }),
    ...(options.attach && { attachments: await Promise.all(options.attach.map(readAttachment)) }),
    ...(options.idempotencyKey !== undefined && {
      metadata: { idempotency_key: options.idempotencyKey },
    }),
  };
  return callApi<Email>(target, { method: 'POST', path: '/emails', body });
}

async function readText(text: string): Promise<string> {
  if (text !== '-') return text;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

async function readAttachment(path: string) {
  return { filename: basename(path), content: (await readFile(path)).toString('base64') };
}

async function watch(target: ApiTarget, email: Email, options: SendOptions): Promise<void> {
  const end = performance.now() + Number(options.timeout) * 1000;
  const timeline = createTimeline((line) => (options.json ? undefined : print(line)));
  const read = async () => {
    const path = `/emails/${email.id}`;
    const detail = await callApi<EmailDetail>(target, { method: 'GET', path });
    timeline.show(detail);
    return detail;
  };
  let detail = await read();
  let sentAt: number | null = null;
  const isWorthWaiting = (now: number) =>
    detail.status === 'queued' ? now < end : sentAt !== null && now < sentAt + REPORT_MS;
  for (;;) {
    if (detail.status === 'sent') sentAt ??= performance.now();
    else sentAt = null;
    if (!isWorthWaiting(performance.now())) break;
    await delay(POLL_MS);
    detail = await read();
  }
  if (options.json) printJson(detail);
  if (detail.status === 'queued') {
    throw new Error(
      `Still queued after ${options.timeout} s: ${detail.status_reason ?? 'no reason yet'}`,
    );
  }
  if (!['sent', 'delivered'].includes(detail.status)) process.exitCode = 1;
}
