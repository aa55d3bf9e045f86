/** Every provider a connection can be made for; the order is the one shown to people. */
export const PROVIDER_NAMES = [
  'sendgrid',
  'aws_ses',
  'mailgun',
  'postmark',
  'resend',
  'smtp',
  'sandbox',
] as const;

/** The name of a provider, as on the wire. */
export type ProviderName = (typeof PROVIDER_NAMES)[number];
