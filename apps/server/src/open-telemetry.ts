import {
  diag,
  DiagLogLevel,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type DiagLogger,
  type SpanContext,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import packageJson from '../package.json' with { type: 'json' };
import type { TracingSettings } from './config-tracing.ts';
import type { Span, SpanStart, Tracing } from './lib/tracer.ts';

/** Spans that wait while the receiver is away; further ones are dropped, mail is not. */
const MAX_QUEUE = 8_192;
const EXPORT_EVERY_MS = 2_000;
const EXPORT_TIMEOUT_MS = 10_000;
const CLOSE_MS = 5_000;
/** An exporter that is down would say so every two seconds. */
const COMPLAIN_EVERY_MS = 60_000;
const MAX_COMPLAINT = 500;

/** Spans go out in the background, in batches; whatever becomes of them, mail goes on. */
export function createOpenTelemetry(settings: TracingSettings, log: Logger): Tracing {
  diag.setLogger(createComplaints(log), {
    logLevel: DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  });
  const provider = new TracerProvider({
    resource: resourceOf(settings),
    sampler: samplerOf(settings),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: settings.url }),
        maxQueueSize: MAX_QUEUE,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('courierx', packageJson.version);
  return {
    tracer: { start: (span) => startSpan(tracer, span) },
    async close() {
      const flushed = provider.shutdown().catch((error: unknown) => {
        log.warn({ err: error }, 'the last traces were not taken');
      });
      await Promise.race([flushed, delay(CLOSE_MS, undefined, { ref: false })]);
      diag.disable();
    },
  };
}

function resourceOf({ serviceName }: TracingSettings) {
  const own = { 'service.name': 'courierx', 'service.version': packageJson.version };
  return resourceFromAttributes(own)
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
    .merge(resourceFromAttributes(serviceName === null ? {} : { 'service.name': serviceName }));
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  switch (sampler) {
    case 'always_on':
    case 'always_off':
    case 'traceidratio':
      return roots[sampler]();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: roots.always_on() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: roots.always_off() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: roots.traceidratio() });
  }
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

function startSpan(
  tracer: ReturnType<TracerProvider['getTracer']>,
  { name, kind, parent, startedAt, attributes = {} }: SpanStart,
): Span | null {
  const options = { kind: KINDS[kind], attributes, ...(startedAt && { startTime: startedAt }) };
  const span = tracer.startSpan(name, options, contextOf(parent));
  if (!span.isRecording()) return null;
  return {
    traceparent: toTraceparent(span.spanContext()),
    end({ attributes: last = {}, failure } = {}) {
      span.setAttributes(last);
      if (failure !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      }
      span.end();
    },
  };
}

const TRACEPARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

function contextOf(traceparent: string | null): Context {
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    TRACEPARENT.exec(traceparent ?? '') ?? [];
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const context = { traceId, spanId, traceFlags, isRemote: true };
  const isSound = isSpanContextValid(context) && !(version === '00' && rest !== undefined);
  return isSound ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT;
}

function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** What the packages have to say, now and then. */
function createComplaints(log: Logger): DiagLogger {
  let silentUntil = 0;
  const complain = (message: string) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + COMPLAIN_EVERY_MS;
    log.warn({ detail: message.slice(0, MAX_COMPLAINT) }, 'traces are not taken');
  };
  const ignore = () => undefined;
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}
