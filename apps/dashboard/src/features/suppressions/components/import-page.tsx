import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { BackLink } from '../../../components/ui/back-link.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { importSuppressions, type ImportProgress } from '../api/import-suppressions.ts';
import { countEntries, formatOf } from '../api/read-list.ts';
import { ImportForm, type ImportInput } from './import-form.tsx';
import { ImportProgressCard } from './import-progress.tsx';
import { ImportReport } from './import-report.tsx';

const START_BYTES = 1_024;

export function ImportPage() {
  const { run, progress, total, stop, isPending, result, error, reset } = useImport();
  return (
    <>
      <BackLink to="/suppressions">Suppressions</BackLink>
      <PageHeader
        title="Import suppressions"
        about="A list of any length, as CSV, JSON or a JSON object a line."
      />
      {isPending && <ImportProgressCard progress={progress} total={total} onStop={stop} />}
      {!isPending && result !== undefined && <ImportReport result={result} onAgain={reset} />}
      {!isPending && result === undefined && (
        <Section>
          <ImportForm error={error} onSubmit={run} />
        </Section>
      )}
    </>
  );
}

function useImport() {
  const client = useQueryClient();
  const [progress, setProgress] = useState<ImportProgress>({ uploaded: 0, state: null });
  const [total, setTotal] = useState<number | null>(null);
  const stopper = useRef<AbortController | null>(null);
  const mutation = useMutation({
    meta: { showsErrors: true },
    async mutationFn({ list, name, reason }: ImportInput) {
      const controller = new AbortController();
      stopper.current = controller;
      setProgress({ uploaded: 0, state: null });
      const format = formatOf(name, await list.slice(0, START_BYTES).text());
      setTotal(await countEntries(list, format));
      const { signal } = controller;
      return importSuppressions({ list, format, reason, signal, onProgress: setProgress });
    },
    // Also of one that broke off, a part may have gone in.
    onSettled: () => client.invalidateQueries({ queryKey: ['suppressions'] }),
  });
  useEffect(() => {
    if (!mutation.isPending) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [mutation.isPending]);
  return {
    run: (input: ImportInput) => mutation.mutate(input),
    stop: () => stopper.current?.abort(),
    reset: () => mutation.reset(),
    ...{ progress, total, isPending: mutation.isPending },
    ...{ result: mutation.data, error: mutation.error },
  };
}
