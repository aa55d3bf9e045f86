import pg from 'pg';
import { inject } from 'vitest';

export async function createTestDatabase(): Promise<{
  connection: pg.PoolConfig;
  url: string;
  drop(): Promise<void>;
}> {
  const { adminUrl, template } = inject('testDatabase');
  const name = `courierx_test_${Math.random().toString(36).slice(2)}`;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name} template ${template}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    connection: { connectionString: url.toString() },
    url: url.toString(),
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
