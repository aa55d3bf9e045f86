import type { Logger } from 'pino';
import type { TracingSettings } from './config-tracing.ts';
import { NO_TRACER, type Tracing } from './lib/tracer.ts';

/** Without settings nothing of OpenTelemetry is loaded. */
export async function startTracing(
  settings: TracingSettings | null,
  log: Logger,
): Promise<Tracing> {
  if (!settings) return { tracer: NO_TRACER, close: () => Promise.resolve() };
  const { createOpenTelemetry } = await import('./open-telemetry.ts');
  return createOpenTelemetry(settings, log);
}
