import type { Outcome } from '../../src/providers/outcome.ts';
import type { OutgoingMessage } from '../../src/providers/message.ts';
import type {
  Connection,
  ConnectionSecrets,
  ConnectionSettings,
} from '../../src/providers/connection.ts';
import type {
  Capabilities,
  CredentialFields,
  Provider,
  VerificationResult,
} from '../../src/providers/provider.ts';
import type { Settlement } from '../../src/providers/settlement.ts';
import type { ProviderName } from '@courierx/contract';

/** Answers one call; `attempt` counts the calls this connection has had. */
export type Script = (message: OutgoingMessage, attempt: number) => Outcome | Promise<Outcome>;

/** Answers one question about an attempt in doubt; `question` counts those of this connection. */
export type SettleScript = (
  message: OutgoingMessage,
  question: number,
) => Settlement | Promise<Settlement>;

/** What a provider without a script says of every credential. */
const YES: VerificationResult = { status: 'verified', message: 'scripted' };

/** A provider in memory whose connections answer by script, with a ledger of what they took. */
export class ScriptedProvider implements Provider {
  readonly name: ProviderName;
  readonly calls: { connectionId: string; message: OutgoingMessage }[] = [];
  readonly accepted: { connectionId: string; emailId: string; recipients: readonly string[] }[] =
    [];
  readonly #scripts = new Map<string, Script>();
  /** The connections it was asked to verify, in order. */
  readonly verified: Connection[] = [];
  /** Answers a verification; replaced by tests. */
  onVerify: (connection: Connection) => VerificationResult | Promise<VerificationResult> = () =>
    YES;
  /** Faults of settings; replaced by tests. */
  onCheckSettings: (settings: ConnectionSettings, secrets: ConnectionSecrets) => readonly string[] =
    () => [];
  readonly credentials: CredentialFields;
  /** Set by tests. */
  maxSessions?: () => number;
  /** Replaced by tests. */
  capabilities: Capabilities = {
    maxMessageBytes: 40 * 1024 * 1024,
    maxRecipients: 50,
    maxTags: null,
    maxMetadataBytes: null,
    customHeaders: true,
    attachments: true,
    inlineAttachments: true,
    multipleReplyTo: true,
    keepsMessageId: true,
    reservedHeaders: [],
  };

  constructor(
    name: ProviderName,
    credentials: CredentialFields = { required: [], optional: ['api_key', 'secret', 'endpoint'] },
  ) {
    this.name = name;
    this.credentials = credentials;
  }

  /** What it was asked of attempts in doubt, in order. */
  readonly questions: { connectionId: string; message: OutgoingMessage; startedAt: Date }[] = [];
  readonly #settleScripts = new Map<string, SettleScript>();
  /** There from the first script on: a provider without means has none. */
  settle?: NonNullable<Provider['settle']>;

  script(connectionId: string, script: Script): void {
    this.#scripts.set(connectionId, script);
  }

  scriptSettle(connectionId: string, script: SettleScript): void {
    this.#settleScripts.set(connectionId, script);
    this.settle = async ({ id }, attempt) => {
      this.questions.push({ connectionId: id, ...attempt });
      const count = this.questions.filter((question) => question.connectionId === id).length;
      const answer = this.#settleScripts.get(id);
      return answer ? answer(attempt.message, count) : { kind: 'not_known', detail: 'no script' };
    };
  }

  checkSettings(settings: ConnectionSettings, secrets: ConnectionSecrets): readonly string[] {
    return this.onCheckSettings(settings, secrets);
  }

  async send(connection: Connection, message: OutgoingMessage): Promise<Outcome> {
    this.calls.push({ connectionId: connection.id, message });
    const calls = this.calls.filter((call) => call.connectionId === connection.id).length;
    const outcome = await (this.#scripts.get(connection.id) ?? (() => accepted()))(message, calls);
    if (outcome.kind === 'accepted') {
      const { emailId, recipients } = message;
      this.accepted.push({ connectionId: connection.id, emailId, recipients });
    }
    return outcome;
  }

  async verify(connection: Connection): Promise<VerificationResult> {
    this.verified.push(connection);
    return this.onVerify(connection);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function accepted(): Outcome {
  return {
    kind: 'accepted',
    detail: '250 taken',
    statusCode: 250,
    providerMessageId: 'scripted-1',
    recipientFaults: [],
    events: [],
  };
}

export function failed(reason: Extract<Outcome, { kind: 'failed' }>['reason']): Outcome {
  const scope = reason === 'auth_failed' ? 'connection' : 'provider';
  return { kind: 'failed', scope, reason, detail: reason, statusCode: 503, retryAfterMs: null };
}

export function unknown(): Outcome {
  return { kind: 'unknown', reason: 'response_timeout', detail: 'no answer', statusCode: null };
}
