import type { SandboxMessageDetail } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Code } from '../../../components/ui/code-sample.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Tabs, type Tab } from '../../../components/ui/tabs.tsx';
import { urlOf } from '../../../lib/api-client.ts';
import { formatDateTime, formatNumber } from '../../../lib/format.ts';
import { messageQuery, rawQuery } from '../api/sandbox.ts';

/** A caught mail, as its receiver would have it. */
export function Message({ id }: { readonly id: string }) {
  const { data: message, error, refetch } = useQuery(messageQuery(id));
  if (error !== null) {
    return (
      <Card>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Card>
    );
  }
  if (message === undefined) return <Skeleton className="h-96" />;
  return (
    <Card className="overflow-hidden">
      <MessageHeader message={message} />
      <Tabs tabs={tabsOf(message)} label="The mail" />
    </Card>
  );
}

type Person = SandboxMessageDetail['from'];

const nameOf = ({ email, name }: Person) => (name === null ? email : `${name} <${email}>`);

function MessageHeader({ message }: { readonly message: SandboxMessageDetail }) {
  const { id, subject, from, to, cc, bcc, reply_to: replyTo, attachments } = message;
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['From', [nameOf(from)]],
    ['To', to.map(nameOf)],
    ['Cc', cc.map(nameOf)],
    ['Bcc', bcc.map(nameOf)],
    ['Reply to', replyTo.map(nameOf)],
    ['Caught', [formatDateTime(message.created_at)]],
    [
      'Attached',
      attachments.map(({ filename, size }) => `${filename} (${formatNumber(size)} bytes)`),
    ],
  ];
  return (
    <header className="space-y-3 border-b px-5 py-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="min-w-0 text-lg font-semibold break-words">{subject}</h2>
        <Button asChild size="small">
          <Link to="/emails/$emailId" params={{ emailId: id }}>
            Its timeline
          </Link>
        </Button>
      </div>
      <dl className="grid grid-cols-[5rem_1fr] gap-x-3 gap-y-0.5">
        {lines
          .filter(([, values]) => values.length > 0)
          .map(([name, values]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-words">{values.join(', ')}</dd>
            </div>
          ))}
      </dl>
    </header>
  );
}

function tabsOf(message: SandboxMessageDetail): readonly Tab[] {
  const { id, html_body: html, text_body: text } = message;
  const tabs: readonly (Tab | null)[] = [
    html === null ? null : { name: 'looks', label: 'As it looks', content: <Looks id={id} /> },
    text === null ? null : { name: 'text', label: 'Text', content: <Text text={text} /> },
    html === null ? null : { name: 'html', label: 'HTML', content: <Code text={html} /> },
    { name: 'raw', label: 'Raw', content: <Raw id={id} /> },
  ];
  return tabs.filter((tab) => tab !== null);
}

function Text({ text }: { readonly text: string }) {
  return <p className="px-5 py-4 break-words whitespace-pre-wrap">{text}</p>;
}

/** The server's policy for the frame, and its sandbox, let no script of the mail run. */
function Looks({ id }: { readonly id: string }) {
  const [isNarrow, setNarrow] = useState(false);
  const [isRemote, setRemote] = useState(false);
  return (
    <div>
      <div className="flex flex-wrap justify-end gap-2 border-b bg-sunken px-4 py-2">
        <Button size="small" aria-pressed={isNarrow} onClick={() => setNarrow(!isNarrow)}>
          {isNarrow ? 'As on a desktop' : 'As on a phone'}
        </Button>
        <Button size="small" aria-pressed={isRemote} onClick={() => setRemote(!isRemote)}>
          {isRemote ? 'Hide remote pictures' : 'Show remote pictures'}
        </Button>
      </div>
      <div className="flex justify-center bg-sunken">
        <iframe
          key={String(isRemote)}
          title="The mail as it looks"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          src={urlOf(`/emails/${id}/preview`, isRemote ? { remote: true } : {})}
          className={`h-[32rem] max-w-full bg-white scheme-light ${isNarrow ? 'w-[375px]' : 'w-full'}`}
        />
      </div>
    </div>
  );
}

function Raw({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(rawQuery(id));
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Skeleton className="m-5 h-40" /> : <Code text={data} />;
}
