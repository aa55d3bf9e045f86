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
  const secrets = parseSecrets(text);
  // The parser's own message would show a piece of the file.
  if (!secrets) throw new Error(`${path} is damaged. Restore it from a backup.`);
  return secrets;
}

function parseSecrets(text: string): Secrets | null {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof stored !== 'object' || stored === null) return null;
  const fields = stored as Readonly<Record<string, unknown>>;
  const encryptionKey = Buffer.from(String(fields['encryption_key']), 'base64');
  const jwtSecret = Buffer.from(String(fields['jwt_secret']), 'base64');
  return encryptionKey.length === 32 && jwtSecret.length === 32
    ? { encryptionKey, jwtSecret }
    : null;
}

async function createSecrets(path: string): Promise<Secrets> {
  const stored = {
    encryption_key: randomBytes(32).toString('base64'),
    jwt_secret: randomBytes(32).toString('base64'),
  };
  // Not the process's id: in containers that share a volume every process may be number 1.
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const file = await open(draft, 'wx', 0o600);
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
