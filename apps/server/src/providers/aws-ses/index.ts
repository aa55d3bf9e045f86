import type { ConnectionSecrets, ConnectionSettings } from '../connection.ts';
import { outcomeOfNoAnswer } from '../no-answer.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { createAwsApi } from './api.ts';
import { MAX_TAGS, toPayload } from './payload.ts';
import { isRegion } from './region.ts';
import { toOutcome } from './response.ts';
import { verify } from './verify.ts';
import { createSesWebhooks } from './webhooks.ts';

/** Amazon SES, API v2. It has no way to ask what became of a request, so nothing is settled here. */
export function createAwsSes({ http }: ProviderDeps): Provider {
  const api = createAwsApi(http);
  return {
    name: 'aws_ses',
    capabilities: {
      maxMessageBytes: 40_000_000,
      maxRecipients: 50,
      maxTags: MAX_TAGS,
      maxMetadataBytes: 16_384,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      // SES writes a Message-ID and a Date of its own.
      keepsMessageId: false,
      reservedHeaders: [
        'x-ses-configuration-set',
        'x-ses-message-tags',
        'x-ses-list-management-options',
        'x-ses-source-arn',
        'x-ses-from-arn',
        'x-ses-return-path-arn',
      ],
    },
    credentials: {
      required: ['api_key', 'secret', 'region'],
      optional: ['configuration_set', 'endpoint'],
    },
    checkSettings: checkSesSettings,
    async send(connection, message, signal) {
      signal.throwIfAborted();
      const body = toPayload(message, connection.settings);
      const call = { method: 'POST', path: '/v2/email/outbound-emails', body } as const;
      const response = await api.ses(connection, call, signal);
      if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
      return toOutcome(response, {
        recipientCount: message.recipients.length,
        secret: connection.secrets.secret,
      });
    },
    verify: (connection, signal) => verify(api, connection, signal),
    webhooks: createSesWebhooks({ http, api }),
    close: () => Promise.resolve(),
  };
}

function checkSesSettings(
  { region = '', configuration_set: configurationSet }: ConnectionSettings,
  { api_key: accessKeyId = '', secret = '' }: ConnectionSecrets,
): string[] {
  const faults: string[] = [];
  if (!isRegion(region)) faults.push('region must be an AWS region such as eu-west-1');
  if (configurationSet !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(configurationSet)) {
    faults.push('configuration_set may hold letters, digits, _ and - only');
  }
  if (!/^[A-Za-z0-9_]+$/.test(accessKeyId)) faults.push('api_key must be an access key id (AKIA…)');
  if (accessKeyId.startsWith('ASIA')) {
    faults.push('api_key is temporary (ASIA…): give the access key of an IAM user (AKIA…)');
  }
  if (!/^[!-~]+$/.test(secret)) faults.push('secret must be the secret access key');
  // 33 bytes that begin with 4, in base64; a secret access key has 40 letters.
  if (/^B[A-Za-z0-9+/]{43}$/.test(secret)) {
    faults.push('secret is an SMTP password: give the secret access key of the IAM user');
  }
  return faults;
}
