/** All receivers: the key of what concerns a whole connection. */
export const EVERY_RECEIVER = '*';

/** Mail services that many domains stand for; a domain that is not listed stands for itself. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  gmail: ['gmail.com', 'googlemail.com'],
  microsoft: [
    'outlook.com',
    'hotmail.com',
    'live.com',
    'msn.com',
    'hotmail.co.uk',
    'hotmail.fr',
    'hotmail.de',
    'hotmail.it',
    'hotmail.es',
    'live.co.uk',
    'live.fr',
    'live.nl',
    'outlook.de',
    'outlook.fr',
  ],
  yahoo: [
    'yahoo.com',
    'ymail.com',
    'rocketmail.com',
    'aol.com',
    'yahoo.co.uk',
    'yahoo.fr',
    'yahoo.de',
    'yahoo.it',
    'yahoo.es',
    'yahoo.co.in',
    'yahoo.co.jp',
    'yahoo.com.br',
  ],
  apple: ['icloud.com', 'me.com', 'mac.com'],
  proton: ['proton.me', 'protonmail.com', 'pm.me'],
  gmx: ['gmx.de', 'gmx.net', 'gmx.com', 'gmx.at', 'gmx.ch', 'web.de'],
};

const SERVICE_OF = new Map(
  Object.entries(SERVICES).flatMap(([service, domains]) =>
    domains.map((domain) => [domain, service] as const),
  ),
);

/** Who takes the mail for an address: a known mail service, or else its domain. */
export function receiverOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return SERVICE_OF.get(domain) ?? domain;
}

/** The receivers of a mail, each once. */
export function receiversOf(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map(receiverOf))];
}
