import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Postfix = { readonly port: number; stop(): Promise<void> };

/** Whether Postfix is on this machine, and may be started by this user. */
export async function hasPostfix(): Promise<boolean> {
  const isInstalled = await run('postconf', ['mail_version']).then(
    () => true,
    () => false,
  );
  return isInstalled && process.getuid?.() === 0;
}

/** Postfix with all it has in `directory`, which takes mail at a port and relays it to another. */
export async function startPostfix(
  directory: string,
  { relayPort, settings = [] }: { relayPort: number; settings?: readonly string[] },
): Promise<Postfix> {
  const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(directory, name));
  if (config === undefined || queue === undefined || data === undefined) throw new Error('no path');
  await chmod(directory, 0o755);
  for (const path of [config, queue, data]) await mkdir(path);
  const uid = Number((await run('id', ['-u', 'postfix'])).stdout);
  await chown(data, uid, 0);
  const port = await freePort();
  const main = [mainCf({ queue, data, relayPort }), ...settings, ''].join('\n');
  await writeFile(join(config, 'main.cf'), main);
  await writeFile(join(config, 'master.cf'), masterCf(port));
  await run('postfix', ['-c', config, 'start']);
  return {
    port,
    async stop() {
      await run('postfix', ['-c', config, 'stop']).catch(() => undefined);
    },
  };
}

const mainCf = (paths: { queue: string; data: string; relayPort: number }) => `
compatibility_level = 3.6
queue_directory = ${paths.queue}
data_directory = ${paths.data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${paths.relayPort}
smtp_host_lookup = native
smtp_dns_support_level = disabled
default_destination_concurrency_limit = 64
initial_destination_concurrency = 64
default_process_limit = 100
smtpd_client_connection_count_limit = 0
maillog_file = ${paths.data}/log
maillog_file_prefixes = ${paths.data}
alias_maps =
local_recipient_maps =
`;

const masterCf = (port: number) => `
127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
