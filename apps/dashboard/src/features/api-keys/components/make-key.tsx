import type { ApiKeyMode, ApiKeyRole, CreateApiKeyRequest } from '@courierx/contract';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { startOfDay } from '../../../lib/format.ts';
import { useNewForm } from '../../../lib/use-new-form.ts';
import type { KeyMaking } from '../api/api-keys.ts';

export const ROLES: readonly (readonly [ApiKeyRole, string])[] = [
  ['full', 'do everything'],
  ['send', 'only send'],
  ['read', 'only read'],
];

const MODES: readonly (readonly [ApiKeyMode, string])[] = [
  ['live', 'live'],
  ['test', 'test: mail goes to the sandbox alone'],
];

export function MakeKey({ make }: { readonly make: KeyMaking }) {
  const [isOpen, setOpen] = useNewForm();
  const [role, setRole] = useState<ApiKeyRole>('full');
  const open = (next: boolean) => {
    setOpen(next);
    setRole('full');
  };
  return (
    <>
      <Button variant="primary" onClick={() => open(true)}>
        <Plus aria-hidden /> Make a key
      </Button>
      <Dialog title="Make a key" isOpen={isOpen} onOpenChange={open}>
        <Form
          action="Make"
          isPending={make.isPending}
          error={make.error}
          onSubmit={(fields) => make.mutate(bodyOf(fields, role), { onSuccess: () => open(false) })}
        >
          <TextField label="Name" name="name" hint="Such as the program that uses it." required />
          <SelectField
            label="May"
            name="role"
            value={role}
            onChange={(event) => setRole(event.target.value as ApiKeyRole)}
            options={ROLES}
          />
          {role === 'send' && (
            <TextField
              label="From this domain alone"
              name="domain"
              placeholder="mail.yourapp.com"
              hint="Empty: from any."
            />
          )}
          <SelectField label="Mode" name="mode" options={MODES} />
          <TextField
            label="Until"
            name="expires_at"
            type="date"
            hint="Empty: until you revoke it."
          />
        </Form>
      </Dialog>
    </>
  );
}

function bodyOf(fields: Record<string, string>, role: ApiKeyRole): CreateApiKeyRequest {
  const { name = '', mode, domain, expires_at: day } = fields;
  return {
    name,
    role,
    mode: mode === 'test' ? 'test' : 'live',
    ...(domain !== undefined && { domain }),
    ...(day !== undefined && { expires_at: startOfDay(day) }),
  };
}
