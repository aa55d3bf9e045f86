import type { RoutingRule, RoutingStrategy } from '@courierx/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { createRule, updateRule } from '../api/change-rule.ts';
import { connectionsQuery } from '../../../lib/flow.ts';
import { MembersEditor } from './members-editor.tsx';
import { EMPTY_DRAFT, toDraft, toRequest, type RuleDraft } from './rule-draft.ts';
import { STRATEGIES } from './words.ts';
import { toast } from '../../../lib/toast.ts';

type RuleDialogProps = {
  /** The one to change; null makes a new one. */
  readonly rule: RoutingRule | null;
  readonly onClose: () => void;
};

export function RuleDialog({ rule, onClose }: RuleDialogProps) {
  const [draft, setDraft] = useState(rule === null ? EMPTY_DRAFT : toDraft(rule));
  const connections = useQuery(connectionsQuery);
  const save = useSave(rule, onClose);
  const set = (change: Partial<RuleDraft>) => setDraft({ ...draft, ...change });
  return (
    <Dialog
      title={rule === null ? 'Make a rule' : `Edit ${rule.name}`}
      about="It holds from the next mail on, also for mail that waits."
      isOpen
      onOpenChange={onClose}
    >
      <Form
        action={rule === null ? 'Make' : 'Save'}
        isPending={save.isPending}
        error={save.error}
        onSubmit={() => save.mutate(draft)}
        className="space-y-5"
      >
        <TextField
          label="Name"
          name="name"
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <MatchFields draft={draft} onChange={set} />
        <SelectField
          label="How mail is dealt out"
          name="strategy"
          value={draft.strategy}
          onChange={(event) => set({ strategy: event.currentTarget.value as RoutingStrategy })}
          options={Object.entries(STRATEGIES).map(([name, { title }]) => [name, title])}
          hint={STRATEGIES[draft.strategy].about}
        />
        <MembersEditor
          members={draft.members}
          strategy={draft.strategy}
          connections={connections.data ?? []}
          onChange={(members) => set({ members })}
        />
      </Form>
    </Dialog>
  );
}

type MatchFieldsProps = {
  readonly draft: RuleDraft;
  readonly onChange: (change: Partial<RuleDraft>) => void;
};

function MatchFields({ draft, onChange }: MatchFieldsProps) {
  return (
    <fieldset className="min-w-0 space-y-3 rounded-lg border px-4 pt-2 pb-4">
      <legend className="px-1 font-medium">Which mail</legend>
      <p className="text-[13px] text-muted">
        Everything you fill in has to match. All empty: the default, for mail no other rule takes.
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Sender’s domain"
          name="match.sender_domain"
          placeholder="yourapp.com"
          value={draft.senderDomain}
          onChange={(event) => onChange({ senderDomain: event.currentTarget.value })}
        />
        <TextField
          label="Recipient’s domain"
          name="match.recipient_domain"
          placeholder="example.com"
          value={draft.recipientDomain}
          onChange={(event) => onChange({ recipientDomain: event.currentTarget.value })}
        />
      </div>
      <TextField
        label="Tag"
        name="match.tag"
        placeholder="newsletter"
        value={draft.tag}
        onChange={(event) => onChange({ tag: event.currentTarget.value })}
      />
    </fieldset>
  );
}

function useSave(rule: RoutingRule | null, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: true },
    mutationFn: (draft: RuleDraft) =>
      rule === null ? createRule(toRequest(draft)) : updateRule(rule.id, toRequest(draft)),
    async onSuccess({ name }) {
      await client.invalidateQueries({ queryKey: ['routing-rules'] });
      toast.success(rule === null ? `${name} takes mail from now on.` : `${name} is changed.`);
      onDone();
    },
  });
}
