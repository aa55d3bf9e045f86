import { describe, expect, it } from 'vitest';
import { readDate, readEnhancedStatus, readReplyCode, readSpecificStatus } from './evidence.ts';

describe('a diagnostic', () => {
  it.each([
    ['smtp; 550 5.1.1 user unknown', '5.1.1', 550],
    ['550-5.7.1 [192.0.2.1] blocked', '5.7.1', 550],
    ['smtp;452 4.2.2 mailbox full', '4.2.2', 452],
    ['smtp; 5.0.0 (unavailable)', '5.0.0', null],
    ['421', null, 421],
    ['host 5.1.1.1 said: no', null, null],
    ['5500 letters', null, null],
    ['message 550 of many', null, null],
    ['', null, null],
    [null, null, null],
  ])('%j has status %j and code %j', (text, status, code) => {
    expect(readEnhancedStatus(text)).toBe(status);
    expect(readReplyCode(text)).toBe(code);
  });
});

describe('a status', () => {
  it.each([
    ['5.1.1', '550 5.2.1 no', '5.1.1'],
    ['5.0.0', '550 5.1.1 no', '5.1.1'],
    ['5.0.0', '550 no', '5.0.0'],
    ['4.0.0', null, '4.0.0'],
    [null, '550 5.1.1 no', '5.1.1'],
    ['550', null, null],
  ])('%j with the diagnostic %j is %j', (field, diagnostic, status) => {
    expect(readSpecificStatus(field, diagnostic)).toBe(status);
  });
});

describe('a time', () => {
  it.each([
    '2026-11-23T10:00:09.000Z',
    '2026-11-23 10:00:09.000000+00:00',
    '2026-11-23T10:00:09 +0000',
  ])('may be written %s', (text) => {
    expect(readDate(text)).toEqual(new Date('2026-11-23T10:00:09Z'));
  });

  it.each(['soon', '', '9999-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 7, null, undefined])(
    'is not %j',
    (value) => {
      expect(readDate(value)).toBeNull();
    },
  );
});
