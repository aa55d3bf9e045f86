import { Code } from '../../../components/ui/code-sample.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { Section } from '../../../components/ui/section.tsx';

type Props = { readonly secret: string; readonly isRotated: boolean };

/** A secret, the one time that it is shown. */
export function SecretNote({ secret, isRotated }: Props) {
  return (
    <Section title={isRotated ? 'The new secret' : 'The secret it verifies with'}>
      <p role="status">
        It is shown this once.
        {isRotated &&
          ' Both the old and the new one work for 24 hours: put this one in place until then.'}
      </p>
      <CopyValue label="Copy the secret" value={secret} />
      <details>
        <summary className="cursor-pointer font-medium">How your program checks it</summary>
        <div className="mt-2 rounded-lg border">
          <Code text={VERIFY} />
        </div>
      </details>
    </Section>
  );
}

const VERIFY = `import { CourierX } from '@courierx/node';

const courierx = new CourierX();

export async function POST(request) {
  const body = await request.text();
  const secret = process.env.COURIERX_WEBHOOK_SECRET;
  const event = await courierx.webhooks.verify(body, request.headers, secret);
  console.log(event.event, event.emailId);
  return new Response(null, { status: 204 });
}`;
