import { generate } from 'selfsigned';

export type KeyPair = { readonly key: string; readonly cert: string };

export type TestCertificates = {
  /** Signs `server`; trust it to reach a server that uses it. */
  readonly authority: KeyPair;
  /** For localhost and 127.0.0.1. */
  readonly server: KeyPair;
  /** From the same authority, for another name. */
  readonly otherName: KeyPair;
  /** For localhost and 127.0.0.1, signed by nobody. */
  readonly selfSigned: KeyPair;
};

const LOOPBACK = [
  { type: 2 as const, value: 'localhost' },
  { type: 7 as const, ip: '127.0.0.1' },
];

/** Fresh keys and certificates, valid from now for a day. */
export async function createCertificates(): Promise<TestCertificates> {
  const authority = await issue('CourierX test authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const [server, otherName, selfSigned] = await Promise.all([
    issue('localhost', { ca: authority, extensions: [namesOf(LOOPBACK)] }),
    issue('other.test', {
      ca: authority,
      extensions: [namesOf([{ type: 2, value: 'other.test' }])],
    }),
    issue('localhost', { extensions: [namesOf(LOOPBACK)] }),
  ]);
  return { authority, server, otherName, selfSigned };
}

type Options = NonNullable<Parameters<typeof generate>[1]>;

function namesOf(altNames: { type: 2 | 7; value?: string; ip?: string }[]) {
  return { name: 'subjectAltName' as const, altNames };
}

async function issue(name: string, options: Options): Promise<KeyPair> {
  const attributes = [{ name: 'commonName', value: name }];
  const made = await generate(attributes, {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 24 * 60 * 60_000),
    ...options,
  });
  return { key: made.private, cert: made.cert };
}
