import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Section } from '../../../components/ui/section.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { explanationQuery, type MailToExplain } from '../api/explain-route.ts';
import { Explanation } from './explanation.tsx';

/** Type a mail, see where it goes. */
export function Explain() {
  const [mail, setMail] = useState<MailToExplain | null>(null);
  const { data, error, isFetching, refetch } = useQuery(explanationQuery(mail));
  const explain = (fields: Record<string, string>) => {
    const next = {
      from: fields['from'] ?? '',
      to: listOf(fields['to']),
      tags: listOf(fields['tags']),
    };
    if (JSON.stringify(next) === JSON.stringify(mail)) void refetch();
    else setMail(next);
  };
  return (
    <Section title="Where would a mail go?">
      <p className="text-muted">
        Nothing is sent. Asked of the rules and the health of this moment.
      </p>
      <Form
        action="Explain"
        isPending={isFetching && data === undefined}
        error={error}
        onSubmit={explain}
      >
        <TextField label="From" name="from" placeholder="hello@yourapp.com" required />
        <TextField
          label="To"
          name="to"
          placeholder="ada@example.com"
          required
          hint="Several with commas between them."
        />
        <TextField
          label="Tags"
          name="tags"
          placeholder="newsletter"
          hint="Several with commas between them."
        />
      </Form>
      <div aria-live="polite">
        {data !== undefined && error === null && <Explanation explanation={data} />}
      </div>
    </Section>
  );
}

function listOf(text = ''): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
