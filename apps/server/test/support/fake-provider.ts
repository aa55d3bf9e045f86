import type { ProviderName } from '@courierx/contract';
import type { Outcome } from '../../src/providers/outcome.ts';
import type { Connection } from '../../src/providers/connection.ts';
import type {
  CredentialFields,
  Provider,
  VerificationResult,
} from '../../src/providers/provider.ts';
import { accepted } from './scripted-provider.ts';

type Verify = (connection: Connection, signal: AbortSignal) => Promise<VerificationResult>;

/** An adapter in memory that takes the given credentials and answers `verify` as a test says. */
export class FakeProvider implements Provider {
  readonly name: ProviderName;
  readonly credentials: CredentialFields;
  /** Every connection that was asked about, as the adapter saw it. */
  readonly asked: Connection[] = [];
  readonly closed: (string | undefined)[] = [];
  verification: Verify = () => Promise.resolve({ status: 'verified', message: 'Looks good' });
  settingsFaults: readonly string[] = [];
  readonly capabilities = {
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

  constructor(name: ProviderName, credentials: CredentialFields) {
    this.name = name;
    this.credentials = credentials;
  }

  /** Answers the next questions so. */
  says(status: VerificationResult['status'], message: string = status): void {
    this.verification = () => Promise.resolve({ status, message });
  }

  checkSettings(): readonly string[] {
    return this.settingsFaults;
  }

  send(): Promise<Outcome> {
    return Promise.resolve(accepted());
  }

  verify(connection: Connection, signal: AbortSignal): Promise<VerificationResult> {
    this.asked.push(connection);
    return this.verification(connection, signal);
  }

  close(connectionId?: string): Promise<void> {
    this.closed.push(connectionId);
    return Promise.resolve();
  }
}
