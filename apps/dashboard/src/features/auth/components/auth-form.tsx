import type { AccountAnswer } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Field, FormErrors } from '../../../components/ui/field.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { sessionQuery } from '../../../lib/session.ts';

export type AuthField = {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly autoComplete: string;
  readonly hint?: string;
};

type AuthFormProps = {
  readonly title: string;
  readonly about: string;
  readonly action: string;
  readonly fields: readonly AuthField[];
  readonly submit: (values: Readonly<Record<string, string>>) => Promise<AccountAnswer>;
  readonly other: { readonly question: string; readonly label: string; readonly to: string };
  /** Below the form. */
  readonly note?: ReactNode;
};

export function AuthForm(props: AuthFormProps) {
  const { title, about, action, fields, submit, other, note } = props;
  const search: { readonly next?: unknown; readonly ended?: unknown } = useSearch({
    strict: false,
  });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: submit,
    meta: { showsErrors: true },
    onSuccess: async (answer) => {
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, answer);
      await navigate({ href: ownPath(search.next) });
    },
  });
  return (
    <AuthFrame title={title} about={about}>
      <form
        className="space-y-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          attempt.mutate(
            Object.fromEntries(
              [...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
            ),
          );
        }}
      >
        {search.ended === true && attempt.error === null && (
          <p role="status" className="rounded-lg bg-info-soft px-3 py-2 text-info">
            Your session has ended. Log in to go on where you were.
          </p>
        )}
        <FormErrors error={attempt.error} fields={fields.map(({ name }) => name)} />
        {fields.map(({ label, name, hint, ...input }, index) => (
          <Field
            key={name}
            label={label}
            name={name}
            error={attempt.error}
            {...(hint !== undefined && { hint })}
          >
            {(control) => <Input {...control} {...input} autoFocus={index === 0} />}
          </Field>
        ))}
        <Button type="submit" variant="primary" className="w-full" isBusy={attempt.isPending}>
          {action}
        </Button>
      </form>
      <p className="mt-6 text-center text-muted">
        {other.question}{' '}
        <Link to={other.to} search={search} className="font-medium text-text underline">
          {other.label}
        </Link>
      </p>
      {note}
    </AuthFrame>
  );
}

/** Only a path of this site: a link in a mail must not lead elsewhere after the log in. */
function ownPath(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || /^\/[/\\]/.test(next)) return '/';
  return next;
}

function AuthFrame(props: {
  readonly title: string;
  readonly about: string;
  readonly children: ReactNode;
}) {
  return (
    <main className="flex min-h-full items-center justify-center px-4 py-10">
      <div className="w-full max-w-sm">
        <img src="/favicon.svg" alt="" className="mx-auto mb-5 size-10" />
        <h1 className="text-center text-2xl font-semibold tracking-tight">{props.title}</h1>
        <p className="mt-1 mb-6 text-center text-muted">{props.about}</p>
        <div className="rounded-xl border bg-surface p-6">{props.children}</div>
      </div>
    </main>
  );
}
