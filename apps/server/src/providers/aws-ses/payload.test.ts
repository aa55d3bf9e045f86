import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { findInputFaults, loadAwsModel } from '../../../test/fakes/aws-model.ts';
import { everythingMessage, plainMessage } from '../testing/messages.ts';
import { toPayload } from './payload.ts';

const box = (address: string) => ({ address, name: null });
const lists = {
  to: [box('a@x.test')],
  cc: [box('c@x.test'), box('A@x.test')],
  bcc: [box('d@x.test')],
};

describe('the payload', () => {
  it.each([plainMessage(), everythingMessage()])('is good by the model of Amazon', (message) => {
    const payload = toPayload(message, { configuration_set: 'events' });
    expect(findInputFaults(loadAwsModel('aws-ses-v2'), 'SendEmail', payload)).toEqual([]);
  });

  it('is MIME with our ids, and nothing that SES would put in place of its headers', async () => {
    const payload = toPayload(plainMessage(), {});
    expect(payload).toEqual({
      Destination: { ToAddresses: ['ada@example.com'] },
      Content: { Raw: { Data: expect.any(String) as string } },
      EmailTags: [
        { Name: 'cx_email_id', Value: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a' },
        { Name: 'cx_attempt', Value: '1' },
      ],
    });
    const mime = await simpleParser(Buffer.from(payload.Content.Raw.Data, 'base64'));
    expect(mime.headers.get('x-courierx-email-id')).toBe('0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a');
  });

  it.each([
    [
      ['a@x.test', 'c@x.test', 'd@x.test'],
      { ToAddresses: ['a@x.test'], CcAddresses: ['c@x.test'], BccAddresses: ['d@x.test'] },
    ],
    [['d@x.test'], { BccAddresses: ['d@x.test'] }],
    [['A@x.test'], { ToAddresses: ['a@x.test'] }],
  ])(
    'for %j goes to those, each once, under all headers and without a Bcc',
    (recipients, destination) => {
      const payload = toPayload(plainMessage({ ...lists, recipients }), {});
      expect(payload.Destination).toEqual(destination);
      const mime = Buffer.from(payload.Content.Raw.Data, 'base64').toString();
      expect(mime).toMatch(/^To: a@x\.test\r$/m);
      expect(mime).not.toMatch(/^bcc:|d@x\.test/im);
    },
  );
});
