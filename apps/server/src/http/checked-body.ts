import type { ErrorObject } from 'ajv';
import type { FastifyRequest } from 'fastify';
import type { Checked } from '../services/checked.ts';
import { ServiceError } from '../services/service-error.ts';

/** For routes with `attachValidation`: the body and what its schema found wrong with it. */
export function checkedBody<T extends object>(request: FastifyRequest): Checked<T> {
  const error: unknown = request.validationError;
  if (!(error instanceof ServiceError)) {
    return { sound: request.body as T, faults: [], unsound: new Set() };
  }
  const found = (error as { validation?: readonly ErrorObject[] }).validation ?? [];
  const unsound = new Set(found.map(fieldOf).filter((field) => field !== null));
  return { sound: soundPart<T>(request.body, unsound), faults: error.errors, unsound };
}

function soundPart<T extends object>(body: unknown, unsound: ReadonlySet<string>): Partial<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  const sound = Object.entries(body).filter(([field]) => !unsound.has(field));
  return Object.fromEntries(sound) as Partial<T>;
}

/** The field of the body itself that an error is in; null where it is no field's. */
function fieldOf({ instancePath, params }: ErrorObject): string | null {
  const [, field] = instancePath.split('/');
  const unknown: unknown = (params as Record<string, unknown>)['additionalProperty'];
  return field ?? (typeof unknown === 'string' ? unknown : null);
}
