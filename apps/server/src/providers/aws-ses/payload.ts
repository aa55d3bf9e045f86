import type { ConnectionSettings } from '../connection.ts';
import type { Address, OutgoingMessage } from '../message.ts';
import { buildMime } from '../mime.ts';
import { toNameValueTags } from '../name-value-tags.ts';

/** Amazon names no limit for a mail's tags; a resource of its has 50 at most. */
export const MAX_TAGS = 50;

type Destination = { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };

/** The body of `SendEmail`. */
export type SesPayload = {
  Destination: Destination;
  Content: { Raw: { Data: string } };
  EmailTags: { Name: string; Value: string }[];
  ConfigurationSetName?: string;
};

/**
 * Translates a message to MIME of our own, as over SMTP: what SES composes itself takes 15 custom
 * headers of ASCII only. The addresses in `From` and `Reply-To` are left to the MIME: given apart,
 * SES would replace the headers with them.
 */
export function toPayload(
  message: OutgoingMessage,
  { configuration_set: configurationSet }: ConnectionSettings,
): SesPayload {
  const mime = buildMime(message);
  return {
    Destination: toDestination(message),
    Content: { Raw: { Data: mime.toString('base64') } },
    EmailTags: toNameValueTags(message, MAX_TAGS).map(({ name, value }) => ({
      Name: name,
      Value: value,
    })),
    ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
  };
}

/** The envelope: only the recipients of this attempt. The headers stay as they are. */
function toDestination(message: OutgoingMessage): Destination {
  const open = new Set(message.recipients.map((recipient) => recipient.toLowerCase()));
  const pick = (list: readonly Address[]) =>
    list.map(({ address }) => address).filter((address) => open.delete(address.toLowerCase()));
  const [to, cc, bcc] = [pick(message.to), pick(message.cc), pick(message.bcc)];
  return {
    ...(to.length > 0 && { ToAddresses: to }),
    ...(cc.length > 0 && { CcAddresses: cc }),
    ...(bcc.length > 0 && { BccAddresses: bcc }),
  };
}
