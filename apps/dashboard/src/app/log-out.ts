import { callApi } from '../lib/api-client.ts';
import { queryClient } from '../lib/query-client.ts';

/** Ends the session. A new page: nothing of it stays in memory. */
export async function logOut(): Promise<void> {
  await callApi('DELETE', '/auth/session');
  queryClient.clear();
  location.assign('/login');
}
