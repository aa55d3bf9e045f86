import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDataDir, onCleanUp } from '../processes.ts';

const run = promisify(execFile);

/** Postfix with a queue of its own that takes mail at a port and relays it to a sink. */
export async function startPostfix(sinkPort: number) {
  const directory = await makeDataDir();
  const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(directory, name));
  if (config === undefined || queue === undefined || data === undefined) throw new Error('no path');
  await chmod(directory, 0o755);
  for (const path of [config, queue, data]) await mkdir(path);
  const uid = Number((await run('id', ['-u', 'postfix'])).stdout);
  await chown(data, uid, 0);
  const port = await freePort();
  await writeFile(join(config, 'main.cf'), mainCf({ queue, data, sinkPort }));
  await writeFile(join(config, 'master.cf'), masterCf(port));
  await run('postfix', ['-c', config, 'start']);
  const stop = async () => {
    await run('postfix', ['-c', config, 'stop']).catch(() => undefined);
  };
  onCleanUp(stop);
  return { port, stop };
}

const mainCf = (paths: { queue: string; data: string; sinkPort: number }) => `
compatibility_level = 3.6
queue_directory = ${paths.queue}
data_directory = ${paths.data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${paths.sinkPort}
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
