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
    />
  );
}
