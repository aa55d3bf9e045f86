import { logIn } from '../api/log-in.ts';
import { AuthForm, type AuthField } from './auth-form.tsx';

const FIELDS: readonly AuthField[] = [
  { name: 'email', label: 'Email', type: 'email', autoComplete: 'username' },
  { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
];

export function LoginPage() {
  return (
    <AuthForm
      title="Log in"
      about="Your mail, through every provider you own."
      action="Log in"
      fields={FIELDS}
      submit={({ email = '', password = '' }) => logIn({ email, password })}
      other={{ question: 'No account yet?', label: 'Sign up', to: '/signup' }}
      note={<LostPassword />}
    />
  );
}

/** Only who runs the server can prove to it that somebody is who they say. */
function LostPassword() {
  return (
    <details className="mt-3 text-center text-muted">
      <summary className="cursor-pointer">Password lost?</summary>
      <p className="mt-2 text-[13px]">
        Ask whoever runs this server for a new one. It takes one command there:
      </p>
      <code className="mt-1 block rounded-lg bg-sunken px-3 py-2 text-[13px] break-words text-text">
        npx courierx accounts reset-password you@example.com
      </code>
    </details>
  );
}
