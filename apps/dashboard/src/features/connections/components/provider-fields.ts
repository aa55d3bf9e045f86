import type { ProviderName } from '@courierx/contract';

type FieldSpec = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isSecret?: true;
};

const key = (hint: string): FieldSpec => ({
  name: 'api_key',
  label: 'API key',
  hint,
  isSecret: true,
});

/** What each provider needs, and where to find it. */
export const PROVIDER_FIELDS: Readonly<Record<ProviderName, readonly FieldSpec[]>> = {
  sendgrid: [key('SendGrid: Settings, API Keys, with Mail Send. It begins with SG.')],
  aws_ses: [
    { name: 'api_key', label: 'Access key id', hint: 'AWS: IAM, the user, Security credentials.' },
    { name: 'secret', label: 'Secret access key', isSecret: true },
    { name: 'region', label: 'Region', hint: 'Such as eu-west-1.' },
    { name: 'configuration_set', label: 'Configuration set', hint: 'If you use one.' },
  ],
  mailgun: [
    key('Mailgun: API Security, or a sending key of the domain.'),
    { name: 'smtp_host', label: 'Domain', hint: 'Such as mg.yourapp.com.' },
    { name: 'region', label: 'Region', hint: 'us or eu.' },
  ],
  postmark: [
    key('Postmark: the server, API Tokens.'),
    { name: 'message_stream', label: 'Message stream', hint: 'If it is not outbound.' },
  ],
  resend: [key('Resend: API Keys, with full access.')],
  smtp: [
    { name: 'smtp_host', label: 'Host' },
    { name: 'smtp_port', label: 'Port', hint: '587, or 465 with TLS from the start.' },
    { name: 'api_key', label: 'User' },
    { name: 'secret', label: 'Password', isSecret: true },
  ],
  sandbox: [],
};

export const PROVIDER_TITLES: Readonly<Record<ProviderName, string>> = {
  ...{ sendgrid: 'SendGrid', aws_ses: 'Amazon SES', mailgun: 'Mailgun', postmark: 'Postmark' },
  ...{ resend: 'Resend', smtp: 'SMTP', sandbox: 'Sandbox' },
};
