/** The little that is asked of tracing; what brings it is loaded only where traces are wanted. */
export type Tracer = {
  /** Null where this trace is not recorded. Never throws. */
  start(span: SpanStart): Span | null;
};

export type SpanStart = {
  /** One of few: what differs from mail to mail is an attribute. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'consumer' | 'internal';
  /** The `traceparent` of what this is a part of; null or unreadable: a trace of its own. */
  readonly parent: string | null;
  readonly startedAt?: Date;
  readonly attributes?: SpanAttributes;
};

/** Never a secret, a body or an address of mail: traces leave the house. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export type Span = {
  /** For what is a part of this, here or elsewhere: a W3C `traceparent`. */
  readonly traceparent: string;
  end(end?: { readonly attributes?: SpanAttributes; readonly failure?: string }): void;
};

/** A tracer and its end. */
export type Tracing = {
  readonly tracer: Tracer;
  /** Hands over what is left, for at most some seconds. */
  close(): Promise<void>;
};

export const NO_TRACER: Tracer = { start: () => null };

/** A part of a mail's trace; null where the mail has none. */
export function startPart(
  tracer: Tracer | undefined,
  span: Omit<SpanStart, 'parent'> & { readonly parent: string | null | undefined },
): Span | null {
  const { parent = null, ...rest } = span;
  return parent === null ? null : (tracer?.start({ ...rest, parent }) ?? null);
}

/** The id that a trace is looked up by; for logs. */
export function traceIdOf(traceparent: string | null | undefined): string | undefined {
  return traceparent?.split('-')[1];
}
