import { useId, type ReactNode } from 'react';
import { ApiError } from '../../lib/api-client.ts';

/** What a control takes from its field. */
export type ControlProps = {
  readonly id: string;
  readonly name: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
};

type FieldProps = {
  readonly label: string;
  /** As on the wire: the server's faults name it. */
  readonly name: string;
  readonly hint?: ReactNode;
  readonly error?: unknown;
  readonly children: (control: ControlProps) => ReactNode;
};

/** A label, its control, and what the server says against it. */
export function Field({ label, name, hint, error, children }: FieldProps) {
  const id = useId();
  const faults = faultsOf(error, name);
  const describedBy = faults.length > 0 || hint !== undefined ? `${id}-about` : undefined;
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      {children({
        id,
        name,
        'aria-invalid': faults.length > 0,
        'aria-describedby': describedBy,
      })}
      {faults.length > 0 ? (
        <p id={`${id}-about`} role="alert" className="text-[13px] text-bad">
          {faults.map((fault) => inWords(fault, name, label)).join(' ')}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-about`} className="text-[13px] text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

/** What no field of the form shows: other faults, and errors that are of no field. */
export function FormErrors({
  error,
  fields,
}: {
  readonly error: unknown;
  readonly fields: readonly string[];
}) {
  if (error === null || error === undefined) return null;
  const shown = new Set(fields.flatMap((field) => faultsOf(error, field)));
  const rest = messagesOf(error).filter((message) => !shown.has(message));
  if (rest.length === 0) return null;
  return (
    <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
      {rest.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}

function messagesOf(error: unknown): readonly string[] {
  if (error instanceof ApiError) return error.errors;
  return [error instanceof Error ? error.message : 'Something went wrong.'];
}

function faultsOf(error: unknown, name: string): readonly string[] {
  if (!(error instanceof ApiError) || error.status !== 422) return [];
  const words = wordsOf(name);
  return error.errors.filter((message) => {
    const said = wordsOf(message);
    // "Password confirmation …" is not about the password.
    return `${said} `.startsWith(`${words} `) && !said.startsWith(`${words} confirmation`);
  });
}

/** `smtp_host is required` → "Host is required": as the field is called here. */
function inWords(fault: string, name: string, label: string): string {
  const said = [name, `\`${name}\``].find((each) => fault.startsWith(`${each} `));
  return said === undefined ? fault : `${label}${fault.slice(said.length)}`;
}

function wordsOf(text: string): string {
  return text.toLowerCase().replaceAll('_', ' ').replaceAll('`', '');
}
