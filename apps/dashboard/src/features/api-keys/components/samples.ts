/** A first mail with this key, as curl and in Node. */
export function samplesWith(key: string): { readonly curl: string; readonly node: string } {
  const { origin } = location;
  return {
    curl: `curl -X POST ${origin}/api/v1/emails \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "from": "hello@yourapp.com",
    "to": "user@example.com",
    "subject": "Hello from CourierX",
    "text": "It works!"
  }'`,
    node: `import { CourierX } from '@courierx/node';

const courierx = new CourierX({ apiKey: '${key}', baseUrl: '${origin}' });
await courierx.emails.send({
  from: 'hello@yourapp.com',
  to: 'user@example.com',
  subject: 'Hello from CourierX',
  text: 'It works!',
});`,
  };
}
