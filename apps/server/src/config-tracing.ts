import type { Environment, Reader } from './config-reader.ts';

/** Where traces go, and which of them. */
export type TracingSettings = {
  /** Takes OTLP as JSON over HTTP. */
  readonly url: string;
  /** Null: `courierx`, or what OTEL_RESOURCE_ATTRIBUTES says. */
  readonly serviceName: string | null;
  readonly sampler: Sampler;
  /** Of a `traceidratio` sampler. */
  readonly ratio: number;
};

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
type Sampler = (typeof SAMPLERS)[number];

const [ENDPOINT, TRACES_ENDPOINT] = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
];
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'];

/**
 * The standard variables of OpenTelemetry; null where none names an endpoint. Headers, time limit,
 * certificates and resource attributes are read by its packages themselves.
 */
export function readTracing(
  read: Reader,
  { env, faults }: { env: Environment; faults: string[] },
): TracingSettings | null {
  const isOn = (name: string, word: string) => env[name]?.trim().toLowerCase() === word;
  if (isOn('OTEL_SDK_DISABLED', 'true') || isOn('OTEL_TRACES_EXPORTER', 'none')) return null;
  const base = read.url(ENDPOINT);
  const url = read.url(TRACES_ENDPOINT) ?? (base === null ? null : `${base}/v1/traces`);
  const sampler = read.choice('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on');
  const ratio = readRatio(read, faults);
  if (url === null) return null;
  // Sending another format than the one asked for would fail later, and far from here.
  for (const name of PROTOCOLS) read.choice(name, ['http/json'], 'http/json');
  return { url, serviceName: read.text('OTEL_SERVICE_NAME'), sampler, ratio };
}

function readRatio(read: Reader, faults: string[]): number {
  const name = 'OTEL_TRACES_SAMPLER_ARG';
  const text = read.text(name);
  if (text === null) return 1;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  faults.push(`${name} must be a number from 0 to 1, not "${text}"`);
  return 1;
}
