import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a self-hosted server makes for itself at its first start. */
export type Secrets = { readonly encryptionKey: Buffer; readonly jwtSecret: Buffer };

const FILE = 'secrets.json';

/**
 * The secrets kept in the data dir, made at the first call. The file is complete before it gets its
 * name, and of two starters only one names it: without it, stored credentials can't be opened.
 */
export async function loadOrCreateSecrets(dataDir: string): Promise<Secrets> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const path = join(dataDir, FILE);
  return (await readSecrets(path)) ?? (await createSecrets(path));
}

async function readSecrets(path: string): Promise<Secrets | null> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others on this machine. Run: chmod 600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const stored = JSON.parse(text) as { encryption_key: string; jwt_secret: string };
  return {
    encryptionKey: Buffer.from(stored.encryption_key, 'base64'),
    jwtSecret: Buffer.from(stored.jwt_secret, 'base64'),
  };
}

async function createSecrets(path: string): Promise<Secrets> {
  const stored = {
    encryption_key: randomBytes(32).toString('base64'),
    jwt_secret: randomBytes(32).toString('base64'),
  };
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(stored, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    // Another starter was first: its secrets are the ones.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  const secrets = await readSecrets(path);
  if (!secrets) throw new Error(`${path} vanished while it was made.`);
  return secrets;
}
