import { signUp } from '../api/log-in.ts';
import { AuthForm, type AuthField } from './auth-form.tsx';

const FIELDS: readonly AuthField[] = [
  { name: 'name', label: 'Name', type: 'text', autoComplete: 'organization' },
  { name: 'email', label: 'Email', type: 'email', autoComplete: 'username' },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autoComplete: 'new-password',
    hint: 'At least 8 characters.',
  },
  {
    name: 'password_confirmation',
    label: 'Password, once more',
    type: 'password',
    autoComplete: 'new-password',
  },
];

export function SignupPage() {
  return (
    <AuthForm
      title="Create an account"
      about="The first mail takes a minute. No provider is needed for it."
      action="Sign up"
      fields={FIELDS}
      submit={(values) =>
        signUp({
          name: values['name'] ?? '',
          email: values['email'] ?? '',
          password: values['password'] ?? '',
          password_confirmation: values['password_confirmation'] ?? '',
        })
      }
      other={{ question: 'Have an account?', label: 'Log in', to: '/login' }}
    />
  );
}
