import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';
import { withDatabaseName } from './database-url.ts';

test('every test database is migrated and separate from the others', async () => {
  const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
  for (const { connection, url } of databases) {
    const pool = new pg.Pool(connection);
    const { rows } = await pool.query<{ name: string; count: number }>(
      `select current_database() as name, (select count(*)::int from migrations) as count`,
    );
    await pool.end();
    expect(url).toContain(rows[0]!.name);
    expect(rows[0]!.count).toBeGreaterThan(0);
  }
  expect(databases[0].url).not.toBe(databases[1].url);
  await Promise.all(databases.map((database) => database.drop()));
});

test.each([
  ['postgres://a@/old?host=%2Ftmp%2Fx&port=5432', 'postgres://a@/new?host=%2Ftmp%2Fx&port=5432'],
  ['postgres://a:b@host:1234/old', 'postgres://a:b@host:1234/new'],
  ['postgresql://host', 'postgresql://host/new'],
  ['postgres://host?sslmode=require', 'postgres://host/new?sslmode=require'],
])('the database in %s can be exchanged', (url, expected) => {
  expect(withDatabaseName(url, 'new')).toBe(expected);
});
