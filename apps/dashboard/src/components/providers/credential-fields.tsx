import type { ProviderConnection, ProviderName } from '@courierx/contract';
import { ExternalLink } from 'lucide-react';
import { SelectField, TextField } from '../ui/text-field.tsx';
import { PROVIDER_GUIDES, rareFieldsOf, type FieldSpec } from './provider-guides.ts';
import { initialOf, storedOf } from './read-connection.ts';

type CredentialFieldsProps = {
  readonly provider: ProviderName;
  /** Whose credentials are changed; what is no secret is filled in. */
  readonly of?: ProviderConnection | undefined;
};

export function CredentialFields({ provider, of }: CredentialFieldsProps) {
  return <Fields specs={PROVIDER_GUIDES[provider].fields} {...{ provider, of }} />;
}

/** What few need. */
export function RareFields({ provider, of }: CredentialFieldsProps) {
  return <Fields specs={rareFieldsOf(provider)} {...{ provider, of }} />;
}

type FieldsProps = CredentialFieldsProps & { readonly specs: readonly FieldSpec[] };

function Fields({ specs, provider, of }: FieldsProps) {
  return specs.map((spec) => (
    <CredentialField key={`${provider} ${spec.name}`} spec={spec} of={of} />
  ));
}

type CredentialFieldProps = {
  readonly spec: FieldSpec;
  readonly of: ProviderConnection | undefined;
};

function CredentialField({ spec, of }: CredentialFieldProps) {
  const { name, label, isSecret, isOptional, type = 'text', options } = spec;
  const isFree = isOptional === true && options === undefined;
  const hint = [isFree ? 'Optional.' : '', spec.hint ?? ''].join(' ').trim();
  const about = { name, label, defaultValue: initialOf(spec, of), ...(hint !== '' && { hint }) };
  const isStored = storedOf(spec, of) !== null;
  if (options !== undefined) {
    // What is stored can be changed, not taken away.
    const offered = isStored ? options.filter(([value]) => value !== '') : options;
    return <SelectField {...about} options={offered} />;
  }
  return (
    <TextField
      {...about}
      type={isSecret === true ? 'password' : type}
      // Else a browser offers the password of the dashboard.
      autoComplete={isSecret === true ? 'new-password' : 'off'}
      spellCheck={false}
      required={isStored && name !== 'endpoint'}
    />
  );
}

/** Where to find what the fields ask for. */
export function WhereToFind({ provider }: { readonly provider: ProviderName }) {
  const { steps, page, guide } = PROVIDER_GUIDES[provider];
  return (
    <div className="space-y-2 rounded-lg bg-sunken px-4 py-3 text-[13px]">
      {steps.length === 1 ? (
        <p>{steps[0]}</p>
      ) : (
        <ol className="list-outside list-decimal space-y-1 pl-4">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <p className="flex flex-wrap gap-x-4 gap-y-1">
        {page !== undefined && <OutsideLink href={page.url}>{page.label}</OutsideLink>}
        {guide !== undefined && <OutsideLink href={guide}>Guide</OutsideLink>}
      </p>
    </div>
  );
}

function OutsideLink({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1 font-medium text-info underline"
    >
      {children} <ExternalLink className="size-3.5" aria-hidden />
      <span className="sr-only">(opens a new tab)</span>
    </a>
  );
}
