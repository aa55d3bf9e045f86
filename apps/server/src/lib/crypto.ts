import {
  argon2,
  createCipheriv,
  createDecipheriv,
  hash,
  randomBytes,
  timingSafeEqual,
  type Argon2Parameters,
} from 'node:crypto';
import { promisify } from 'node:util';

const argon2Async = promisify(argon2);

/** OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane. */
const PASSWORD_COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;

export function sha256(data: string | Buffer): Buffer {
  return hash('sha256', data, 'buffer');
}

/** Random text of `bytes` bytes of randomness, URL-safe. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** `argon2id$m=…,t=…,p=…$salt$tag`, base64url; the costs travel along so that they can rise. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(password, { ...PASSWORD_COST, nonce });
  const { memory, passes, parallelism } = PASSWORD_COST;
  const costs = `m=${memory},t=${passes},p=${parallelism}`;
  return ['argon2id', costs, nonce.toString('base64url'), tag.toString('base64url')].join('$');
}

/** Compares in constant time. `stored` absent takes as long as a wrong password. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parsed = parseHash(stored ?? DUMMY_HASH);
  const tag = await derive(password, parsed);
  return isSame(tag, parsed.tag) && stored !== null;
}

const DUMMY_HASH = `argon2id$m=19456,t=2,p=1$${randomToken(16)}$${randomToken(32)}`;

function parseHash(stored: string) {
  const match = /^argon2id\$m=(\d+),t=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored);
  const [, memory, passes, parallelism, salt = '', tag = ''] = match ?? [];
  if (!match) throw new Error('A stored password hash is not readable.');
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: 32,
    nonce: Buffer.from(salt, 'base64url'),
    tag: Buffer.from(tag, 'base64url'),
  };
}

function derive(password: string, costs: Omit<Argon2Parameters, 'message'>): Promise<Buffer> {
  const { memory, passes, parallelism, tagLength, nonce } = costs;
  const message = Buffer.from(password.normalize('NFKC'));
  return argon2Async('argon2id', { message, memory, passes, parallelism, tagLength, nonce });
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: iv, tag, ciphertext. `context` must be the same at decryption (what it is for). */
export function encrypt(key: Buffer, plain: Buffer, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Throws when the key, the context or a single bit differs. */
export function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}
