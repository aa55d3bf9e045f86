import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { findInputFaults, loadAwsModel } from './aws-model.ts';
import { judgeSignature } from './aws-signature.ts';
import { listen } from './raw-server.ts';

/** The body of `SendEmail`, as far as we use it. */
export type SesMail = {
  Destination: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  Content: { Raw: { Data: string } };
  EmailTags?: { Name: string; Value: string }[];
  ConfigurationSetName?: string;
};

type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What to do with the next call of an operation instead of taking it. */
export type SesScript =
  | ({ readonly do: 'answer' } & Reply)
  /** Reads the request and never answers; with `take` the mail is on the ledger all the same. */
  | { readonly do: 'hang'; readonly take?: boolean }
  /** Reads the request and resets the connection. */
  | { readonly do: 'reset'; readonly take?: boolean };

export type FakeAwsSes = {
  readonly port: number;
  /** For a connection's `endpoint`. */
  readonly url: string;
  /** Every operation asked for, in order, with what was given; SNS's as `sns:Subscribe`. */
  readonly calls: readonly {
    readonly operation: string;
    readonly input: Record<string, unknown>;
  }[];
  /** The mails it took, in order: what Amazon would have sent. */
  readonly ledger: readonly { readonly messageId: string; readonly mail: SesMail }[];
  /** The next calls of an operation are treated so, one each. */
  script(operation: string, ...scripts: SesScript[]): void;
  close(): Promise<void>;
};

export type FakeAwsSesOptions = {
  readonly secretAccessKey?: string;
  /** How far its clock is ahead of ours; it lets in what is five minutes off. */
  readonly clockOffsetMs?: number;
  readonly account?: Readonly<Record<string, unknown>>;
  readonly identities?: readonly { IdentityName: string; SendingEnabled: boolean }[];
};

export const AWS_KEYS = {
  api_key: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
export const AWS_REGION = 'eu-west-1';

export const awsError = (status: number, name: string, message: string): Reply => ({
  status,
  headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws/` },
  body: { message },
});

const ACCOUNT = {
  SendingEnabled: true,
  ProductionAccessEnabled: true,
  EnforcementStatus: 'HEALTHY',
  SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 7 },
};

const SETS = '/v2/email/configuration-sets';
/** Method and path of each operation of SES that is played. */
const OPERATIONS: readonly (readonly [RegExp, string])[] = [
  [/^POST \/v2\/email\/outbound-emails$/, 'SendEmail'],
  [/^GET \/v2\/email\/account$/, 'GetAccount'],
  [/^POST \/v2\/email\/list-identities$/, 'ListEmailIdentities'],
  [new RegExp(`^POST ${SETS}$`), 'CreateConfigurationSet'],
  [
    new RegExp(`^POST ${SETS}/(?<ConfigurationSetName>[^/]+)/event-destinations$`),
    'CreateConfigurationSetEventDestination',
  ],
  [
    new RegExp(
      `^PUT ${SETS}/(?<ConfigurationSetName>[^/]+)/event-destinations/(?<EventDestinationName>[^/]+)$`,
    ),
    'UpdateConfigurationSetEventDestination',
  ],
];

/** Amazon SES v2 and SNS, on 127.0.0.1: signatures checked, requests judged by the API models. */
export async function startFakeAwsSes(options: FakeAwsSesOptions = {}): Promise<FakeAwsSes> {
  const { secretAccessKey = AWS_KEYS.secret, clockOffsetMs = 0 } = options;
  const { account = ACCOUNT, identities = [] } = options;
  const models = { ses: loadAwsModel('aws-ses-v2'), sns: loadAwsModel('aws-sns') };
  const calls: { operation: string; input: Record<string, unknown> }[] = [];
  const ledger: { messageId: string; mail: SesMail }[] = [];
  const scripts = new Map<string, SesScript[]>();
  const made = new Set<string>();

  function take(mail: SesMail): string {
    const messageId = `0102019a77aa0001-${randomUUID()}-000000`;
    ledger.push({ messageId, mail });
    return messageId;
  }

  function refuse(request: IncomingMessage, body: Buffer, service: string): Reply | null {
    const { method = '', url = '', headers } = request;
    const keys = { accessKeyId: AWS_KEYS.api_key, secretAccessKey };
    const judged = judgeSignature({ method, target: url, headers, body }, keys);
    if (judged.kind === 'bad') return awsError(403, judged.name, judged.message);
    const skew = judged.at.getTime() - (Date.now() + clockOffsetMs);
    if (Math.abs(skew) > 5 * 60_000) {
      const words = skew < 0 ? 'Signature expired' : 'Signature not yet current';
      return awsError(403, 'InvalidSignatureException', `${words}: …`);
    }
    return judged.service === service && judged.region === AWS_REGION
      ? null
      : awsError(
          403,
          'InvalidSignatureException',
          'Credential should be scoped to a valid region.',
        );
  }

  function answerSes(operation: string, input: Record<string, unknown>): Reply {
    const [fault] = findInputFaults(models.ses, operation, input);
    if (fault !== undefined) return awsError(400, 'BadRequestException', fault);
    const key = `${operation} ${JSON.stringify([input['ConfigurationSetName'], input['EventDestinationName']])}`;
    switch (operation) {
      case 'SendEmail':
        return { status: 200, body: { MessageId: take(input as SesMail) } };
      case 'GetAccount':
        return { status: 200, body: account };
      case 'ListEmailIdentities':
        return { status: 200, body: { EmailIdentities: identities } };
      case 'CreateConfigurationSet':
      case 'CreateConfigurationSetEventDestination':
        if (made.has(key)) return awsError(400, 'AlreadyExistsException', 'It is there');
        made.add(key);
        return { status: 200, body: {} };
      default:
        return { status: 200, body: {} };
    }
  }

  function answerSns(action: string, input: Record<string, unknown>): Reply {
    const [fault] = findInputFaults(models.sns, action, input);
    if (fault !== undefined) return snsError(400, 'InvalidParameter', fault);
    const arn = `arn:aws:sns:${AWS_REGION}:111122223333:${String(input['Name'])}`;
    const result = action === 'CreateTopic' ? `<TopicArn>${arn}</TopicArn>` : '';
    const body = `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
    return { status: 200, body };
  }

  function route(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const target = `${request.method} ${request.url}`;
    const sns = target === 'POST /' ? readQuery(body.toString('utf8')) : null;
    const ses = OPERATIONS.find(([pattern]) => pattern.test(target));
    const operation = sns ? `sns:${sns.action}` : (ses?.[1] ?? 'UnknownOperation');
    const input = sns ? sns.input : readInput(ses?.[0].exec(target)?.groups, body);
    calls.push({ operation, input });
    const script = scripts.get(operation)?.shift();
    if (script && script.do !== 'answer') {
      if (script.take) take(input as SesMail);
      if (script.do === 'reset') request.socket.resetAndDestroy();
      return;
    }
    const isAnonymous = operation === 'sns:ConfirmSubscription' && !request.headers.authorization;
    const refusal = isAnonymous ? null : refuse(request, body, sns ? 'sns' : 'ses');
    const answer = () =>
      sns
        ? answerSns(sns.action, input)
        : ses
          ? answerSes(operation, input)
          : { status: 404, body: '<UnknownOperationException/>' };
    const date = new Date(Date.now() + clockOffsetMs).toUTCString();
    reply(response, refusal ?? script ?? answer(), date);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => route(request, Buffer.concat(chunks), response));
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls,
    ledger,
    script: (operation, ...more) =>
      void scripts.set(operation, [...(scripts.get(operation) ?? []), ...more]),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An error of SNS, in XML. */
export const snsError = (status: number, code: string, message: string): Reply => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

function readInput(
  labels: Record<string, string> | undefined,
  body: Buffer,
): Record<string, unknown> {
  const fields = body.length > 0 ? (JSON.parse(body.toString('utf8')) as object) : {};
  return { ...labels, ...fields };
}

/** The query protocol: `Attributes.entry.1.key=…` is a map. */
function readQuery(text: string): { action: string; input: Record<string, unknown> } {
  const fields = new Map(new URLSearchParams(text));
  const input: Record<string, unknown> = {};
  const attributes: Record<string, string> = {};
  for (const [name, value] of fields) {
    const entry = /^Attributes\.entry\.(\d+)\.key$/.exec(name)?.[1];
    if (entry !== undefined) {
      attributes[value] = fields.get(`Attributes.entry.${entry}.value`) ?? '';
    } else if (!name.startsWith('Attributes.') && name !== 'Action' && name !== 'Version') {
      input[name] = name === 'ReturnSubscriptionArn' ? value === 'true' : value;
    }
  }
  if (Object.keys(attributes).length > 0) input['Attributes'] = attributes;
  return { action: fields.get('Action') ?? '', input };
}

function reply(response: ServerResponse, { status, body, headers }: Reply, date: string): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/xml' : 'application/json';
  response.writeHead(status, { 'content-type': type, date, ...headers });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}
