import type * as contract from '@courierx/contract';
import { expect, expectTypeOf, it } from 'vitest';
import type * as sdk from '../src/index.ts';

/** As the client gives what the wire has. */
type CamelCase<S extends string> = S extends `${infer A}_${infer B}`
  ? `${A}${Capitalize<CamelCase<B>>}`
  : S;
type FromWire<T> = T extends readonly (infer Item)[]
  ? FromWire<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T as CamelCase<K & string>]: FromWire<T[K]> }
    : T;

/** The other way round: every field that a request may have can be given. */
type InputOf<T> = keyof FromWire<T>;

it('has every field of every answer, in its type', () => {
  expectTypeOf<sdk.Account>().toEqualTypeOf<FromWire<contract.Account>>();
  expectTypeOf<sdk.ApiKey>().toEqualTypeOf<FromWire<contract.ApiKey>>();
  expectTypeOf<sdk.AuditEntry>().toEqualTypeOf<FromWire<contract.AuditEntry>>();
  expectTypeOf<sdk.Metrics>().branded.toEqualTypeOf<FromWire<contract.Metrics>>();
  expectTypeOf<sdk.UsageStat>().branded.toEqualTypeOf<FromWire<contract.UsageStat>>();
  expectTypeOf<sdk.Domain>().toEqualTypeOf<FromWire<contract.Domain>>();
  expectTypeOf<sdk.Email>().toEqualTypeOf<FromWire<contract.Email>>();
  expectTypeOf<sdk.EmailAttempt>().toEqualTypeOf<FromWire<contract.EmailAttempt>>();
  expectTypeOf<sdk.EmailEvent>().toEqualTypeOf<FromWire<contract.EmailEvent>>();
  expectTypeOf<keyof sdk.EmailDetail>().toEqualTypeOf<InputOf<contract.EmailDetail>>();
  expectTypeOf<sdk.ProviderConnection['health']>().branded.toEqualTypeOf<
    FromWire<contract.ConnectionHealth>
  >();
  expectTypeOf<keyof sdk.ProviderConnection>().toEqualTypeOf<
    InputOf<contract.ProviderConnection>
  >();
  expectTypeOf<sdk.ConnectionUsage>().toEqualTypeOf<FromWire<contract.ConnectionUsage>>();
  expectTypeOf<sdk.WebhookSetup>().toEqualTypeOf<
    FromWire<contract.WebhookSetupAnswer['webhook_setup']>
  >();
  expectTypeOf<sdk.RoutingRule>().toEqualTypeOf<FromWire<contract.RoutingRule>>();
  expectTypeOf<sdk.RouteExplanation>().toEqualTypeOf<FromWire<contract.RouteExplanation>>();
  expectTypeOf<sdk.Suppression>().toEqualTypeOf<FromWire<contract.Suppression>>();
  expectTypeOf<sdk.SuppressionCounts>().toEqualTypeOf<FromWire<contract.SuppressionCounts>>();
  expectTypeOf<sdk.SuppressionImport>().toEqualTypeOf<FromWire<contract.SuppressionImport>>();
  expectTypeOf<sdk.WebhookEndpoint>().toEqualTypeOf<FromWire<contract.WebhookEndpoint>>();
  expectTypeOf<sdk.WebhookDelivery>().toEqualTypeOf<FromWire<contract.WebhookDelivery>>();
  expectTypeOf<keyof sdk.WebhookDeliveryDetail>().toEqualTypeOf<
    InputOf<contract.WebhookDeliveryDetail>
  >();
  expectTypeOf<sdk.WebhookEventName>().toEqualTypeOf<contract.WebhookEventName>();
  expect.assertions(0);
});

it('takes every field of every request', () => {
  expectTypeOf<keyof sdk.UpdateAccountInput>().toEqualTypeOf<
    InputOf<contract.UpdateAccountRequest>
  >();
  expectTypeOf<keyof sdk.CreateApiKeyInput>().toEqualTypeOf<
    InputOf<contract.CreateApiKeyRequest>
  >();
  expectTypeOf<keyof sdk.ListAuditLogInput>().toEqualTypeOf<InputOf<contract.ListAuditLogQuery>>();
  // The short names alone: one way to say a thing.
  expectTypeOf<keyof sdk.SendEmailInput>().toEqualTypeOf<
    Exclude<InputOf<contract.SendEmailRequest>, 'fromEmail' | 'toEmail' | 'htmlBody' | 'textBody'>
  >();
  expectTypeOf<keyof sdk.ListEmailsInput>().toEqualTypeOf<InputOf<contract.ListEmailsQuery>>();
  expectTypeOf<keyof sdk.CreateProviderConnectionInput>().toEqualTypeOf<
    InputOf<contract.CreateProviderConnectionRequest>
  >();
  expectTypeOf<keyof sdk.CreateRoutingRuleInput>().toEqualTypeOf<
    InputOf<contract.CreateRoutingRuleRequest>
  >();
  expectTypeOf<keyof sdk.AddSuppressionInput>().toEqualTypeOf<
    InputOf<contract.CreateSuppressionRequest>
  >();
  expectTypeOf<keyof sdk.ListSuppressionsInput>().toEqualTypeOf<
    InputOf<contract.ListSuppressionsQuery>
  >();
  expectTypeOf<keyof sdk.CreateWebhookEndpointInput>().toEqualTypeOf<
    InputOf<contract.CreateWebhookEndpointRequest>
  >();
  expectTypeOf<keyof sdk.ReplayWebhooksInput>().toEqualTypeOf<
    InputOf<contract.ReplayWebhooksRequest>
  >();
  expect.assertions(0);
});
