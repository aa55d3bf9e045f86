import { useQuery } from '@tanstack/react-query';
import { Select } from '../../../components/ui/input.tsx';
import { connectionsQuery } from '../../../lib/flow.ts';
import { humanize } from '../../../lib/format.ts';
import type { EmailFilters } from '../api/list-emails.ts';

type Props = {
  readonly filters: EmailFilters;
  readonly onChange: (filters: EmailFilters) => void;
};

/** Mail by the provider or the connection that an attempt was made with. */
export function ThroughFilter({ filters, onChange }: Props) {
  const { data: connections = [] } = useQuery(connectionsQuery);
  const { provider, provider_connection_id: chosen, ...rest } = filters;
  const providers = new Set(connections.map((connection) => connection.provider as string));
  if (provider !== undefined) providers.add(provider);
  const isGone = chosen !== undefined && !connections.some(({ id }) => id === chosen);
  const set = (value: string) => {
    const [name, of = ''] = value.split(' ');
    if (name === 'provider') onChange({ ...rest, provider: of });
    else if (name === 'connection') onChange({ ...rest, provider_connection_id: of });
    else onChange(rest);
  };
  return (
    <Select
      aria-label="Sent through"
      className="max-md:col-span-2 md:w-44"
      value={valueOf(filters)}
      onChange={(event) => set(event.target.value)}
    >
      <option value="">Any connection</option>
      {isGone && <option value={`connection ${chosen}`}>A connection that is gone</option>}
      <optgroup label="Connections">
        {connections.map(({ id, display_name: name }) => (
          <option key={id} value={`connection ${id}`}>
            {name}
          </option>
        ))}
      </optgroup>
      <optgroup label="Providers">
        {[...providers].map((name) => (
          <option key={name} value={`provider ${name}`}>
            {humanize(name)}
          </option>
        ))}
      </optgroup>
    </Select>
  );
}

function valueOf({ provider, provider_connection_id: connection }: EmailFilters): string {
  if (connection !== undefined) return `connection ${connection}`;
  return provider === undefined ? '' : `provider ${provider}`;
}
