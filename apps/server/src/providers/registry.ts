import type { ProviderName } from '@courierx/contract';
import { createMailgun } from './mailgun/index.ts';
import { createPostmark } from './postmark/index.ts';
import type { Provider, ProviderDeps } from './provider.ts';
import { createAwsSes } from './aws-ses/index.ts';
import { createResend } from './resend/index.ts';
import { createSandbox } from './sandbox/index.ts';
import { createSendGrid } from './sendgrid/index.ts';
import { createSmtp } from './smtp/index.ts';

/** Every provider this version can send through; a new adapter is one line here. */
export function createProviderRegistry(deps: ProviderDeps): ReadonlyMap<ProviderName, Provider> {
  const providers = [
    createSendGrid(deps),
    createAwsSes(deps),
    createMailgun(deps),
    createPostmark(deps),
    createResend(deps),
    createSmtp(deps),
    createSandbox(deps),
  ];
  return new Map(providers.map((provider) => [provider.name, provider]));
}
