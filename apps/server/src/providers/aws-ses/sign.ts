import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, SourceData } from '@smithy/types';
import type { Connection } from '../connection.ts';
import type { ProviderRequest } from '../http.ts';

/** SHA-256 of OpenSSL, or its HMAC where there is a secret, as the signer wants it. */
class Sha256 implements Checksum {
  readonly #secret: Buffer | null;
  #hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(secret?: SourceData) {
    this.#secret = secret === undefined ? null : toBuffer(secret);
    this.#hash = this.#create();
  }

  update(data: SourceData): void {
    this.#hash.update(toBuffer(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#create();
  }

  #create(): ReturnType<typeof createHash | typeof createHmac> {
    return this.#secret === null ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}

function toBuffer(data: SourceData): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

export type Scope = { readonly service: 'ses' | 'sns'; readonly region: string };

/** The request with an AWS signature (version 4) of the connection's key, made at `date`. */
export async function signRequest(
  request: ProviderRequest,
  { connection, scope, date }: { connection: Connection; scope: Scope; date: Date },
): Promise<ProviderRequest> {
  const { api_key: accessKeyId = '', secret: secretAccessKey = '' } = connection.secrets;
  const url = new URL(request.url);
  const signer = new SignatureV4({
    ...scope,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...request.headers, host: url.host },
      body: request.body,
    },
    { signingDate: date },
  );
  return { ...request, headers: signed.headers };
}
