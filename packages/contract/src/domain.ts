import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';
import { PROVIDER_NAMES } from './provider.ts';

/** `verified`: the account's token was seen in the DNS. */
export const DOMAIN_STATUSES = ['pending', 'verified'] as const;
export type DomainStatus = (typeof DOMAIN_STATUSES)[number];

export const CreateDomainRequest = Type.Object(
  {
    domain: Type.String({
      minLength: 1,
      maxLength: 253,
      description: 'A host name without scheme or path; international names are taken too.',
      examples: ['mail.yourapp.com'],
    }),
  },
  { additionalProperties: false },
);
export type CreateDomainRequest = Static<typeof CreateDomainRequest>;

/** What a DNS record is for. Only `ownership` decides on the domain's status. */
export const DNS_RECORD_PURPOSES = ['ownership', 'spf', 'dkim', 'dmarc'] as const;
export type DnsRecordPurpose = (typeof DNS_RECORD_PURPOSES)[number];

/**
 * `found`: as it should be. `missing`: not there. `different`: there, and in need of a change.
 * `unknown`: not looked at yet, could not be looked at, or its name is known to the provider alone.
 */
export const DNS_RECORD_STATUSES = ['found', 'missing', 'different', 'unknown'] as const;
export type DnsRecordStatus = (typeof DNS_RECORD_STATUSES)[number];

/** A record to have in the DNS, and what was found there at `checked_at` of the domain. */
export const DnsRecord = Type.Object({
  purpose: Type.Enum([...DNS_RECORD_PURPOSES]),
  providers: Type.Array(Type.Enum([...PROVIDER_NAMES]), {
    description: 'The connected providers it is for; empty: for all mail.',
  }),
  type: Type.Enum(['TXT', 'CNAME']),
  name: Type.String({ examples: ['_courierx.mail.yourapp.com'] }),
  value: nullable(
    Type.String({ description: 'What to enter; null where the provider shows it to you.' }),
  ),
  status: Type.Enum([...DNS_RECORD_STATUSES]),
  found: Type.Array(Type.String(), { description: 'What is there now.' }),
  message: Type.String(),
});
export type DnsRecord = Static<typeof DnsRecord>;

export const Domain = Type.Object({
  id: Id,
  domain: Type.String({ description: 'ASCII, lower case.' }),
  status: Type.Enum([...DOMAIN_STATUSES]),
  verification_token: Type.String({ examples: ['dns_abc123'] }),
  verified_at: nullable(Timestamp),
  verification: nullable(
    Type.Object({
      status: Type.Enum(['found', 'missing', 'unreachable']),
      message: Type.String({ description: 'What the last look at the DNS came to, in words.' }),
    }),
  ),
  checked_at: nullable(Timestamp),
  next_check_at: Timestamp,
  dns_records: Type.Array(DnsRecord),
  created_at: Timestamp,
});
export type Domain = Static<typeof Domain>;
