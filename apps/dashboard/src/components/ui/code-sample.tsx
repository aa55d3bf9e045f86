import { CopyButton } from './copy-button.tsx';
import { Tabs } from './tabs.tsx';

/** The same call as curl and in Node. */
export function CodeSample({ curl, node }: { readonly curl: string; readonly node: string }) {
  return (
    <div className="rounded-lg border">
      <Tabs
        label="Language"
        tabs={[
          { name: 'curl', label: 'curl', content: <Code text={curl} /> },
          { name: 'node', label: 'Node', content: <Code text={node} /> },
        ]}
      />
    </div>
  );
}

export function Code({ text }: { readonly text: string }) {
  return (
    <div className="flex items-start">
      <pre
        tabIndex={0}
        className="max-h-[32rem] min-w-0 flex-1 overflow-auto p-4 pr-0 text-[13px] leading-relaxed"
      >
        <code>{text}</code>
      </pre>
      <div className="p-1">
        <CopyButton value={text} label="Copy the code" />
      </div>
    </div>
  );
}
