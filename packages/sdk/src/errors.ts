/** Base of everything this library throws, but for your own aborts. */
export class CourierXError extends Error {
  override readonly name: string = 'CourierXError';
}

/** What an error answer of the API says. */
export type ErrorDetails = {
  /** HTTP status. */
  readonly status: number;
  /** Stable and for programs, such as `invalid_request`; null where none came. */
  readonly code: string | null;
  /** Every fault of the request, in words; one entry for all but 422. */
  readonly errors: readonly string[];
  /** For support; null where none came. */
  readonly requestId: string | null;
  /** Seconds to wait, where the API asked for it. */
  readonly retryAfterSeconds: number | null;
};

/** The API answered, and the answer is an error. */
export class ApiError extends CourierXError {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly code: string | null;
  readonly errors: readonly string[];
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(details: ErrorDetails) {
    super(details.errors.join('; '));
    this.status = details.status;
    this.code = details.code;
    this.errors = details.errors;
    this.requestId = details.requestId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** 401: the key is missing, wrong, expired or revoked. */
export class AuthenticationError extends ApiError {
  override readonly name = 'AuthenticationError';
}

/** 403: the key's role does not allow this call. */
export class PermissionError extends ApiError {
  override readonly name = 'PermissionError';
}

/** 404: no such thing in this account. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 409: it is in use, or was changed meanwhile. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

/** 400, 413, 415, 422: the request can't be taken; `errors` names each field. */
export class ValidationError extends ApiError {
  override readonly name = 'ValidationError';
}

/** 429, after the retries. */
export class RateLimitError extends ApiError {
  override readonly name = 'RateLimitError';
}

/** 5xx, after the retries. */
export class ServerError extends ApiError {
  override readonly name = 'ServerError';
}

/** No answer came, after the retries. `cause` holds what the platform said. */
export class ConnectionError extends CourierXError {
  override readonly name: string = 'ConnectionError';
}

/** No answer came in time, after the retries. */
export class TimeoutError extends ConnectionError {
  override readonly name = 'TimeoutError';
}

/** The webhook is not what it should be: do not believe its body. */
export class WebhookVerificationError extends CourierXError {
  override readonly name = 'WebhookVerificationError';
}

const BY_STATUS: Readonly<Record<number, new (details: ErrorDetails) => ApiError>> = {
  400: ValidationError,
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  413: ValidationError,
  415: ValidationError,
  422: ValidationError,
  429: RateLimitError,
};

/** The error of an answer, of the class its status stands for. */
export function toApiError(details: ErrorDetails): ApiError {
  const Known = BY_STATUS[details.status] ?? (details.status >= 500 ? ServerError : ApiError);
  return new Known(details);
}
