import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { runOnServer, withDatabaseName } from '../support/database-url.ts';

const name = `courierx_test_${randomBytes(6).toString('hex')}`;
const { url: serverUrl } = inject('testServer');
const connection = { connectionString: withDatabaseName(serverUrl, name) };
let client: pg.Client;

beforeAll(async () => {
  await runOnServer(serverUrl, `create database ${name}`);
  client = new pg.Client(connection);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await runOnServer(serverUrl, `drop database ${name} with (force)`);
});

const applied = async () =>
  (await client.query<{ name: string }>('select name from migrations order by name')).rows;

describe('migrations', () => {
  it('are each applied by one of many that start together, and by nobody again', async () => {
    const reports = await Promise.all(Array.from({ length: 4 }, () => migrate(connection)));
    const all = reports.flatMap((report) => report.applied);
    expect(all.length).toBeGreaterThan(5);
    expect(all.toSorted()).toEqual((await applied()).map((row) => row.name));
    expect((await migrate(connection)).applied).toEqual([]);
  });

  it('that were changed since, or that a newer version made, are refused', async () => {
    const [first] = await applied();
    await client.query(`update migrations set checksum = 'x' where name = $1`, [first?.name]);
    await expect(migrate(connection)).rejects.toThrow(/was changed after it had been applied/);
    await client.query(`insert into migrations (name, checksum) values ('9999_new.sql', 'x')`);
    await expect(migrate(connection)).rejects.toThrow(/written by a newer CourierX \(9999_new/);
  });
});
