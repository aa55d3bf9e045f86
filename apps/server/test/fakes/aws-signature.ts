import { createHash, createHmac } from 'node:crypto';

export type SignedRequest = {
  readonly method: string;
  /** Path and query, as on the wire. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) =>
  createHmac('sha256', key).update(data).digest();

export type Judged =
  | { readonly kind: 'good'; readonly service: string; readonly region: string; readonly at: Date }
  | { readonly kind: 'bad'; readonly name: string; readonly message: string };

/** Amazon's side of a Signature Version 4, written from its description alone. */
export function judgeSignature(
  request: SignedRequest,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Judged {
  const { method, target, headers, body } = request;
  const bad = (name: string, message: string): Judged => ({ kind: 'bad', name, message });
  const match = AUTHORIZATION.exec(String(headers['authorization'] ?? ''));
  if (!match) return bad('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, keyId, day = '', region = '', service = '', names = '', signature] = match;
  if (keyId !== keys.accessKeyId) {
    return bad(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  const signed = names.split(';');
  if (!signed.includes('host') || !signed.includes('x-amz-date')) {
    return bad('IncompleteSignatureException', 'host and x-amz-date must be signed');
  }
  const time = String(headers['x-amz-date']);
  const [path = '', query = ''] = target.split('?');
  const canonical = [
    method,
    path.split('/').map(encodeURIComponent).join('/'),
    query.split('&').sort().join('&'),
    ...signed.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(`AWS4${keys.secretAccessKey}`, day),
  );
  if (hmac(key, text).toString('hex') !== signature) {
    const message =
      'The request signature we calculated does not match the signature you provided.';
    return bad('InvalidSignatureException', message);
  }
  const at = new Date(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return { kind: 'good', service, region, at };
}
