import type { ProviderName } from '@courierx/contract';

export type FieldSpec = {
  /** As on the wire. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isSecret?: true;
  readonly isOptional?: true;
  readonly type?: 'number';
  /** To choose from; the first is what holds if nothing is chosen. */
  readonly options?: readonly (readonly [value: string, text: string])[];
};

type ProviderGuide = {
  readonly title: string;
  /** Stands for the logo. */
  readonly initials: string;
  /** In a few words, for those who choose one. */
  readonly about: string;
  readonly fields: readonly FieldSpec[];
  /** Where to find what the fields ask for. */
  readonly steps: readonly string[];
  /** The page of the provider's where the first step begins. */
  readonly page?: { readonly label: string; readonly url: string };
  /** Of the guides this server has. */
  readonly guide?: string;
  readonly webhook: WebhookGuide;
};

type WebhookGuide = {
  /** Whether the provider has an API that we set the webhook up with. */
  readonly isAutomatic: boolean;
  /** What its webhook secret is; null where there is none. */
  readonly secret: string | null;
  /** We make the secret, not the provider. */
  readonly secretIsOurs?: true;
};

export const PROVIDER_GUIDES: Readonly<Record<ProviderName, ProviderGuide>> = {
  sendgrid: {
    ...{ title: 'SendGrid', initials: 'SG', about: 'Twilio SendGrid, by API key' },
    fields: [
      { name: 'api_key', label: 'API key', isSecret: true, hint: 'It begins with SG.' },
      {
        ...{ name: 'region', label: 'Region', isOptional: true },
        options: [
          ['global', 'Global'],
          ['eu', 'EU'],
        ],
      },
    ],
    steps: [
      'In SendGrid open Settings, API Keys, and choose “Create API Key”.',
      'Choose Restricted Access with “Mail Send”. Add full access to “Event Notification”, under “Mail Settings”, to have events set up by itself.',
      'Copy the key: SendGrid shows it once.',
    ],
    page: { label: 'API keys at SendGrid', url: 'https://app.sendgrid.com/settings/api_keys' },
    guide: '/docs/providers/sendgrid',
    webhook: {
      isAutomatic: true,
      secret: 'The verification key of the Event Webhook; it begins with MFkwEwYH.',
    },
  },
  aws_ses: {
    ...{ title: 'Amazon SES', initials: 'SES', about: 'AWS, by the access key of an IAM user' },
    fields: [
      { name: 'api_key', label: 'Access key id', hint: 'It begins with AKIA.' },
      { name: 'secret', label: 'Secret access key', isSecret: true },
      { name: 'region', label: 'Region', hint: 'Where SES is set up, such as eu-west-1.' },
      {
        ...{ name: 'configuration_set', label: 'Configuration set', isOptional: true },
        hint: 'Needed for events.',
      },
    ],
    steps: [
      'In AWS open IAM, Users, and make or choose a user who may do ses:SendEmail and ses:SendRawEmail.',
      'With ses:GetAccount and ses:ListEmailIdentities, rate, quota and verified senders are seen, too.',
      'Under Security credentials choose “Create access key”. SMTP passwords do not work here.',
    ],
    page: {
      label: 'Users at AWS',
      url: 'https://console.aws.amazon.com/iam/home#/users',
    },
    guide: '/docs/providers/amazon-ses',
    webhook: { isAutomatic: true, secret: 'The ARN of the SNS topic that SES tells.' },
  },
  mailgun: {
    ...{ title: 'Mailgun', initials: 'MG', about: 'By API key or domain sending key' },
    fields: [
      { name: 'api_key', label: 'API key', isSecret: true },
      { name: 'smtp_host', label: 'Domain', hint: 'At Mailgun, such as mg.yourapp.com.' },
      {
        ...{ name: 'region', label: 'Region', isOptional: true },
        options: [
          ['us', 'US'],
          ['eu', 'EU'],
        ],
      },
    ],
    steps: [
      'In Mailgun open your account’s API Security and choose “Add new key”.',
      'A sending key of the domain can send, too; only a key of the account can set events up.',
      'The region is the one of the domain: the list of domains shows it.',
    ],
    page: {
      label: 'API security at Mailgun',
      url: 'https://app.mailgun.com/settings/api_security',
    },
    guide: '/docs/providers/mailgun',
    webhook: { isAutomatic: true, secret: 'The HTTP webhook signing key, under API Security.' },
  },
  postmark: {
    ...{ title: 'Postmark', initials: 'PM', about: 'By the token of a server' },
    fields: [
      { name: 'api_key', label: 'Server token', isSecret: true },
      {
        ...{ name: 'message_stream', label: 'Message stream', isOptional: true },
        hint: 'If it is not outbound.',
      },
    ],
    steps: [
      'In Postmark open the server you send with, then API Tokens.',
      'Copy the server API token; the token of the account does not send.',
    ],
    page: { label: 'Servers at Postmark', url: 'https://account.postmarkapp.com/servers' },
    guide: '/docs/providers/postmark',
    webhook: {
      ...{ isAutomatic: true, secretIsOurs: true },
      secret: 'The password of Basic auth; its user is courierx.',
    },
  },
  resend: {
    ...{ title: 'Resend', initials: 'RE', about: 'By API key' },
    fields: [{ name: 'api_key', label: 'API key', isSecret: true, hint: 'It begins with re_.' }],
    steps: [
      'In Resend open API Keys and choose “Create API Key”.',
      'Choose full access to have events set up by itself; sending access is enough to send.',
      'Copy the key: Resend shows it once.',
    ],
    page: { label: 'API keys at Resend', url: 'https://resend.com/api-keys' },
    guide: '/docs/providers/resend',
    webhook: { isAutomatic: true, secret: 'The signing secret; it begins with whsec_.' },
  },
  smtp: {
    ...{ title: 'SMTP', initials: '@', about: 'Any mail server or other provider' },
    fields: [
      { name: 'smtp_host', label: 'Host', hint: 'Such as smtp.yourapp.com.' },
      { name: 'smtp_port', label: 'Port', type: 'number', hint: '587, or 465 with TLS at once.' },
      { name: 'api_key', label: 'User', isOptional: true },
      { name: 'secret', label: 'Password', isSecret: true, isOptional: true },
      {
        ...{ name: 'smtp_tls', label: 'Encryption', isOptional: true },
        options: [
          ['', 'By the port'],
          ['starttls', 'STARTTLS'],
          ['implicit', 'TLS from the start'],
          ['none', 'None: only inside your own network'],
        ],
      },
    ],
    steps: [
      'Host, port, user and password stand in the settings of your mail server or provider, often under “SMTP” or “Outgoing mail”.',
      'Where no login is asked for, leave user and password empty.',
    ],
    guide: '/docs/providers/smtp',
    webhook: {
      ...{ isAutomatic: false, secretIsOurs: true },
      secret: 'What your mail server shows when it posts bounces here.',
    },
  },
  sandbox: {
    ...{
      title: 'Sandbox',
      initials: 'SB',
      about: 'Catches mail and delivers none: to try things out',
    },
    fields: [],
    steps: [
      'Needs nothing. It takes live mail only while nothing else is connected; see what it caught in the sandbox inbox.',
    ],
    webhook: { isAutomatic: false, secret: null },
  },
};

const ENDPOINT: FieldSpec = {
  ...{ name: 'endpoint', label: 'Endpoint', isOptional: true },
  hint: 'Another address of its API, for a proxy or a test server.',
};

const SMTP_SESSIONS: FieldSpec = {
  ...{ name: 'smtp_sessions', label: 'Sessions at once', isOptional: true, type: 'number' },
  hint: '10 unless you say so; Microsoft 365 takes 3.',
};

/** What few need, beside the fields of the guide. */
export function rareFieldsOf(provider: ProviderName): readonly FieldSpec[] {
  if (provider === 'smtp') return [SMTP_SESSIONS];
  return provider === 'sandbox' ? [] : [ENDPOINT];
}

/** In the order they are shown. */
export const PROVIDERS = Object.keys(PROVIDER_GUIDES) as ProviderName[];
