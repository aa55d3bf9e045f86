import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { startServerProcess, type ServerProcess } from './server-process.ts';

export type Credentials = { readonly email: string; readonly password: string };

/** A server on its embedded database, and a browser's page that looks at its dashboard. */
export type Dashboard = {
  readonly server: ServerProcess;
  readonly page: Page;
  /** What the page's own content policy refused, and errors that nothing caught. */
  readonly problems: string[];
  open(path: string): Promise<unknown>;
  button(name: string): Locator;
  field(label: string): Locator;
  /** Resolves when the text is shown. */
  seen(text: string | RegExp): Promise<void>;
  /** An account of its own, by the API and logged in: for tests that are not about signing up. */
  signUp(): Promise<Credentials>;
  /** As the dashboard itself calls the API: by its cookie. Throws at 4xx and 5xx. */
  call(method: string, path: string, body?: object): Promise<unknown>;
  close(): Promise<void>;
};

/** `env` goes to the server. */
export async function startDashboard(
  browser: Browser,
  env: Readonly<Record<string, string>> = {},
): Promise<Dashboard> {
  const dataDir = await mkdtemp(join(tmpdir(), 'courierx-dashboard-'));
  const server = await startServerProcess({ COURIERX_DATA_DIR: dataDir, ...env });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  page.on('console', (line) => {
    if (/Content Security Policy|Uncaught/.test(line.text())) problems.push(line.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  const open = (path: string) => page.goto(new URL(path, server.url).href);

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const url = new URL(`/api/v1${path}`, server.url).href;
    const headers = { 'x-courierx-csrf': '1' };
    const answer = await page.request.fetch(url, { method, headers, ...(body && { data: body }) });
    const text = await answer.text();
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  return {
    server,
    page,
    problems,
    open,
    button: (name) => page.getByRole('button', { name, exact: true }),
    field: (label) => page.getByLabel(label, { exact: true }),
    seen: (text) => page.getByText(text).first().waitFor(),
    async signUp() {
      const credentials = { email: 'ada@example.com', password: 'correct horse battery' };
      const account = { name: 'Shop', ...credentials, password_confirmation: credentials.password };
      await call('POST', '/auth/register', account);
      await call('POST', '/auth/session', credentials);
      return credentials;
    },
    call,
    async close() {
      await page.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
