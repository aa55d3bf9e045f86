import type { Account } from '@courierx/contract';
import { CheckField } from '../../../components/ui/check-field.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { useSetPolicy } from '../api/account.ts';
import { RadioChoice } from './radio-choice.tsx';
import { RetentionForm } from './retention-form.tsx';
import { SettingsFrame, useAccount } from './settings-frame.tsx';

export function SendingPage() {
  const account = useAccount();
  return (
    <SettingsFrame>
      {account !== undefined && (
        <>
          <Policies account={account} />
          <RetentionForm account={account} />
        </>
      )}
    </SettingsFrame>
  );
}

function Policies({ account }: { readonly account: Account }) {
  const set = useSetPolicy();
  return (
    <>
      <Section
        title="Sending"
        aside={
          <span role="status" className="text-muted">
            {set.isPending ? 'Saving…' : set.isSuccess ? 'Saved.' : 'A choice holds at once.'}
          </span>
        }
      >
        <RadioChoice
          name="on_unknown"
          legend="A provider was given a mail, and the answer never came"
          about="The mail may have been sent, or not. Where the provider can be asked, we ask it first."
          value={account.on_unknown}
          options={ON_UNKNOWN}
          onChange={(value) => set.mutate({ on_unknown: value })}
        />
        <RadioChoice
          name="on_auth_failure"
          legend="A provider refuses your credentials"
          about="The connection is passed over from then on, and you are told, either way."
          value={account.on_auth_failure}
          options={ON_AUTH_FAILURE}
          onChange={(value) => set.mutate({ on_auth_failure: value })}
        />
        <CheckField
          className="border-t pt-4"
          label="Send from verified domains alone"
          hint="Live mail from any other domain is refused. Nobody who gets hold of a key can write in another’s name."
          checked={account.require_verified_domain}
          onChange={(event) => set.mutate({ require_verified_domain: event.target.checked })}
        />
      </Section>
    </>
  );
}

const ON_UNKNOWN = [
  {
    value: 'fail_over',
    label: 'Send it by the next connection',
    about: 'At once. It arrives for sure, perhaps twice: for receipts and log-in codes.',
  },
  {
    value: 'hold',
    label: 'Hold it for you to decide',
    about:
      'Not sent again unless you say so on its page. At its deadline it fails, and says that it may have been sent.',
  },
  {
    value: 'resend',
    label: 'Try the same connections again',
    about: 'After a wait, in the order they are in. It may arrive twice, too.',
  },
] as const;

const ON_AUTH_FAILURE = [
  {
    value: 'stop',
    label: 'Let that one mail fail',
    about: 'Its webhook tells you. The mails after it go by the other connections.',
  },
  {
    value: 'fail_over',
    label: 'Send it by the next connection',
    about: 'No mail is lost to a key that ran out.',
  },
] as const;
