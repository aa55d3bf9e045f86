import type { EmailDetail } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Code } from '../../../components/ui/code-sample.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Tabs, type Tab } from '../../../components/ui/tabs.tsx';
import { urlOf } from '../../../lib/api-client.ts';
import { formatNumber } from '../../../lib/format.ts';
import { rawEmailQuery } from '../api/get-email.ts';

export function EmailContent({ email }: { readonly email: EmailDetail }) {
  return (
    <Card className="overflow-hidden pt-2">
      {email.html_body === null && email.text_body === null && (
        <p className="px-5 py-3 text-muted">The content is no longer kept.</p>
      )}
      <Tabs tabs={tabsOf(email)} label="Content" />
    </Card>
  );
}

function tabsOf(email: EmailDetail): readonly Tab[] {
  const { id, html_body: html, text_body: text, headers, metadata, attachments } = email;
  const files = attachments.map(
    ({ filename, content_type, size }) =>
      [filename, `${content_type}, ${formatNumber(size)} bytes`] as const,
  );
  const all = [['Message-ID', email.message_id], ...Object.entries(headers)] as const;
  const tabs: readonly (Tab | null)[] = [
    html === null ? null : { name: 'preview', label: 'Preview', content: <Preview id={id} /> },
    html === null ? null : { name: 'html', label: 'HTML', content: <Code text={html} /> },
    text === null ? null : { name: 'text', label: 'Text', content: <Code text={text} /> },
    { name: 'headers', label: 'Headers', content: <Pairs pairs={all} /> },
    {
      name: 'metadata',
      label: 'Metadata',
      content: <Code text={JSON.stringify(metadata, null, 2)} />,
    },
    files.length === 0
      ? null
      : { name: 'files', label: 'Attachments', content: <Pairs pairs={files} /> },
    { name: 'raw', label: 'Raw', content: <Raw id={id} /> },
  ];
  return tabs.filter((tab) => tab !== null);
}

/** The server's policy for the frame, and its sandbox, let no script of the mail run. */
function Preview({ id }: { readonly id: string }) {
  const [isRemote, setRemote] = useState(false);
  return (
    <div>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b bg-sunken px-4 py-2 text-[13px] text-muted">
        {isRemote
          ? 'Pictures from elsewhere are shown. Their senders may see that you looked.'
          : 'Nothing is loaded from elsewhere.'}
        <Button size="small" onClick={() => setRemote(!isRemote)}>
          {isRemote ? 'Hide remote pictures' : 'Show remote pictures'}
        </Button>
      </div>
      <iframe
        key={String(isRemote)}
        title="The mail as it looks"
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        src={urlOf(`/emails/${id}/preview`, isRemote ? { remote: true } : {})}
        className="h-[32rem] w-full bg-white scheme-light"
      />
    </div>
  );
}

function Raw({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(rawEmailQuery(id));
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Skeleton className="m-5 h-40" /> : <Code text={data} />;
}

type PairsProps = { readonly pairs: readonly (readonly [string, string])[] };

function Pairs({ pairs }: PairsProps) {
  return (
    <dl className="divide-y">
      {pairs.map(([name, value]) => (
        <div key={name} className="grid gap-x-4 px-5 py-2 sm:grid-cols-[12rem_1fr]">
          <dt className="text-muted">{name}</dt>
          <dd className="break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
