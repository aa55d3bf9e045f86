import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from './button.tsx';

const SHOWN_MS = 1500;

export function CopyButton({ value, label }: { readonly value: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      toast.error('The browser did not let us copy. Select the text and copy it.');
    }
  };
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={isCopied ? 'Copied' : label}
      title={label}
      onClick={() => void copy()}
    >
      {isCopied ? <Check className="text-good" /> : <Copy />}
    </Button>
  );
}

/** A value to be copied as it is: an id, a key, a DNS record. */
export function CopyValue({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <div className="flex items-center gap-1 rounded-lg bg-sunken pl-3">
      <code
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto py-2 text-[13px] whitespace-nowrap"
      >
        {value}
      </code>
      <CopyButton value={value} label={label} />
    </div>
  );
}
