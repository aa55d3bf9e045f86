import type { ProviderName } from '@courierx/contract';

/** A record a provider signs or sends with, as far as its name is known beforehand. */
export type DkimRecord = {
  readonly type: 'TXT' | 'CNAME';
  /** Below the domain; null where the provider makes a name for each customer. */
  readonly label: string | null;
  readonly hint: string;
};

export type ProviderRecords = {
  /** What its senders' SPF records include, and below which label; null where SPF needs nothing. */
  readonly spf: { readonly include: string; readonly label: string | null } | null;
  readonly dkim: readonly DkimRecord[];
};

const NONE: ProviderRecords = { spf: null, dkim: [] };

/** What each vendor's documentation asks its customers to publish. */
export const PROVIDER_RECORDS: Readonly<Record<ProviderName, ProviderRecords>> = {
  sendgrid: {
    spf: { include: 'sendgrid.net', label: null },
    dkim: ['s1', 's2'].map((selector) => ({
      type: 'CNAME',
      label: `${selector}._domainkey`,
      hint: 'SendGrid shows its target under Settings, Sender Authentication',
    })),
  },
  aws_ses: {
    spf: { include: 'amazonses.com', label: null },
    dkim: [
      {
        type: 'CNAME',
        label: null,
        hint: 'SES shows three CNAME records (<token>._domainkey) at the identity, under Easy DKIM',
      },
    ],
  },
  mailgun: {
    spf: { include: 'mailgun.org', label: null },
    dkim: [
      {
        type: 'TXT',
        label: null,
        hint: 'Mailgun shows the selector and the key under Sending, Domain settings, DNS records',
      },
    ],
  },
  postmark: {
    // Its bounces go to its own domain, or to the customer's Return-Path CNAME.
    spf: null,
    dkim: [
      {
        type: 'TXT',
        label: null,
        hint: 'Postmark shows the name (<date>pm._domainkey) and the key under Sender Signatures',
      },
    ],
  },
  resend: {
    spf: { include: 'amazonses.com', label: 'send' },
    dkim: [
      {
        type: 'TXT',
        label: 'resend._domainkey',
        hint: 'Resend shows the key at the domain, under Records',
      },
    ],
  },
  smtp: {
    spf: null,
    dkim: [
      {
        type: 'TXT',
        label: null,
        hint: "Your mail server's own documentation says how it signs and what its SPF record is",
      },
    ],
  },
  sandbox: NONE,
};
