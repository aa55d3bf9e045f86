import type { ProviderName } from '@courierx/contract';
import { Plug } from 'lucide-react';
import { Card } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/states.tsx';
import { PROVIDER_GUIDES, PROVIDERS } from '../../../components/providers/provider-guides.ts';

/** Says what a connection is for, and lets one be chosen. */
export function NoConnection(props: { readonly onChoose: (provider: ProviderName) => void }) {
  return (
    <Card className="pb-6">
      <EmptyState icon={Plug} title="No provider yet">
        <p>
          Mail you send waits until a provider takes it. Connect an account of yours; with a second
          one, mail goes on when the first fails.
        </p>
      </EmptyState>
      <ul className="grid gap-3 px-5 sm:grid-cols-2 xl:grid-cols-4">
        {PROVIDERS.map((name) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => props.onChoose(name)}
              className="flex h-full w-full items-center gap-3 rounded-lg border p-3 text-left transition-colors hover:bg-sunken"
            >
              <span
                aria-hidden
                className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-info-soft text-[13px] font-semibold text-info"
              >
                {PROVIDER_GUIDES[name].initials}
              </span>
              <span>
                <span className="block font-medium">{PROVIDER_GUIDES[name].title}</span>
                <span className="block text-[13px] text-muted">{PROVIDER_GUIDES[name].about}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
