import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server: pg.PoolConfig = { connectionString: process.env['DATABASE_URL']! };
  const template = `courierx_template_${Math.random().toString(36).slice(2)}`;
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`create database ${template}`);
  const url = new URL(process.env['DATABASE_URL']!);
  url.pathname = `/${template}`;
  await migrate({ connectionString: url.toString() });
  project.provide('testDatabase', { adminUrl: process.env['DATABASE_URL']!, template });
  return async () => {
    await admin.query(`drop database ${template}`);
    await admin.end();
  };
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  export interface ProvidedContext {
    testDatabase: { adminUrl: string; template: string };
  }
}
