import type { AccountAnswer, LoginRequest, RegisterRequest } from '@courierx/contract';
import { ApiError, callApi } from '../../../lib/api-client.ts';

/** Starts a session of this browser. */
export async function logIn(body: LoginRequest): Promise<AccountAnswer> {
  try {
    return await callApi('POST', '/auth/session', { body });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    // Which of the two it is, the server tells nobody.
    throw new ApiError({ status: 401, errors: ['The email or the password is wrong.'] });
  }
}

/** Makes an account, and starts a session of it. */
export async function signUp(body: RegisterRequest): Promise<AccountAnswer> {
  await callApi('POST', '/auth/register', { body });
  return logIn({ email: body.email, password: body.password });
}
