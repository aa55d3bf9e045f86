import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a self-hosted server makes for itself at its first start. */
export type Secrets = { readonly encryptionKey: Buffer; readonly jwtSecret: Buffer };

const FILE = 'secrets.json';
const SECRET_BYTES = 32;

/**
 * The secrets kept in the data dir, made at the first call. The file is complete before it gets its
 * name, and of two starters only one names it: without it, stored credentials can't be opened.
 */
export async function loadOrCreateSecrets(dataDir: string): Promise<Secrets> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  return (await readSecrets(dataDir)) ?? (await createSecrets(dataDir));
}

async function readSecrets(dataDir: string): Promise<Secrets | null> {
  const path = join(dataDir, FILE);
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others on this machine. Run: chmod 600 ${path}`);
    }
    return parse(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function parse(path: string, text: string): Secrets {
  const secrets = tryParse(text);
  if (secrets) return secrets;
  // Neither the text nor JSON's own error, which quotes it, may reach a log.
  throw new Error(
    `${path} is damaged. Restore it from a backup: without it, stored provider credentials can not be opened.`,
  );
}

function tryParse(text: string): Secrets | null {
  try {
    const stored = JSON.parse(text) as Record<string, unknown> | null;
    const encryptionKey = Buffer.from(String(stored?.['encryption_key']), 'base64');
    const jwtSecret = Buffer.from(String(stored?.['jwt_secret']), 'base64');
    const isWhole = encryptionKey.length === SECRET_BYTES && jwtSecret.length >= SECRET_BYTES;
    return isWhole ? { encryptionKey, jwtSecret } : null;
  } catch {
    return null;
  }
}

async function createSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, FILE);
  // Not the pid: two containers on one volume have the same.
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  await writeDraft(draft);
  try {
    await link(draft, path);
  } catch (error) {
    // Another starter was first: its secrets are the ones.
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(dataDir);
  const secrets = await readSecrets(dataDir);
  if (!secrets) throw new Error(`${path} vanished while it was made.`);
  return secrets;
}

async function writeDraft(draft: string): Promise<void> {
  const stored = {
    encryption_key: randomBytes(SECRET_BYTES).toString('base64'),
    jwt_secret: randomBytes(SECRET_BYTES).toString('base64'),
  };
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(stored, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The name must outlive a power cut as surely as what is encrypted under the key. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
