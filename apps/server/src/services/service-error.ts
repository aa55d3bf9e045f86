import type { ErrorCode } from '@courierx/contract';

/** A refusal a caller can understand; anything else that is thrown is a bug or an outage. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  /** For `invalid_request`: every fault at once, each naming its field. */
  readonly errors: readonly string[];
  readonly retryAfterSeconds: number | null;

  constructor(
    code: ErrorCode,
    errors: string | readonly string[],
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    const list = typeof errors === 'string' ? [errors] : errors;
    super(list.join('; '), { cause: options.cause });
    this.code = code;
    this.errors = list;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** Also what another account's id gets: it does not exist for the caller. */
export function notFound(): ServiceError {
  return new ServiceError('not_found', 'Not found');
}

export function unauthorized(): ServiceError {
  return new ServiceError('unauthorized', 'Unauthorized');
}

export function invalid(errors: string | readonly string[]): ServiceError {
  return new ServiceError('invalid_request', errors);
}
