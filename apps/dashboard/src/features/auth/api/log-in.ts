import type { AccountAnswer, LoginRequest, RegisterRequest } from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';

/** Starts a session of this browser. */
export function logIn(body: LoginRequest): Promise<AccountAnswer> {
  return callApi('POST', '/auth/session', { body });
}

/** Makes an account, and starts a session of it. */
export async function signUp(body: RegisterRequest): Promise<AccountAnswer> {
  await callApi('POST', '/auth/register', { body });
  return logIn({ email: body.email, password: body.password });
}
