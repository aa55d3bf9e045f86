import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Shape = {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<
    Record<string, { shape: string; location?: string; locationName?: string }>
  >;
  readonly member?: { shape: string };
  readonly key?: { shape: string };
  readonly value?: { shape: string };
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
};

/** A vendor's API model, as botocore has it. */
export type AwsModel = {
  readonly operations: Readonly<
    Record<string, { http: { method: string; requestUri: string }; input?: { shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
};

const models = new Map<string, AwsModel | null>();

/** Beside the repository: the vendor's file is not ours to ship. Null, said aloud, where absent. */
export function loadAwsModel(name: 'aws-ses-v2' | 'aws-sns'): AwsModel | null {
  const known = models.get(name);
  if (known !== undefined) return known;
  const path = fileURLToPath(
    new URL(`../../../../../shared/provider-specs/${name}/service-2.json`, import.meta.url),
  );
  const model = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as AwsModel) : null;
  if (!model) process.stderr.write(`\nSKIPPED: no ${path}; requests are NOT checked against it\n`);
  models.set(name, model);
  return model;
}

/** Faults of an operation's input by the model; fields it does not know are faults. */
export function findInputFaults(
  model: AwsModel | null,
  operation: string,
  input: unknown,
): string[] {
  const shape = model?.operations[operation]?.input?.shape;
  if (!model || shape === undefined) return [];
  return check({ model, shape, path: operation }, input);
}

type Place = { readonly model: AwsModel; readonly shape: string; readonly path: string };

function check(place: Place, value: unknown): string[] {
  const shape = place.model.shapes[place.shape];
  if (!shape) return [`${place.path}: no shape ${place.shape}`];
  switch (shape.type) {
    case 'structure':
      return checkStructure(place, shape, value);
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item: unknown, index) =>
            check(into(place, shape.member?.shape, `[${index}]`), item),
          )
        : [`${place.path} must be a list`];
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) =>
            check(into(place, shape.value?.shape, `.${key}`), item),
          )
        : [`${place.path} must be a map`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${place.path} must be a boolean`];
    case 'blob':
      return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
        ? []
        : [`${place.path} must be base64`];
    case 'string':
      return checkString(place, shape, value);
    default:
      return typeof value === 'number' ? [] : [`${place.path} must be a number`];
  }
}

function into({ model, path }: Place, shape: string | undefined, suffix: string): Place {
  return { model, shape: shape ?? '', path: `${path}${suffix}` };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkStructure(place: Place, shape: Shape, value: unknown): string[] {
  if (!isObject(value)) return [`${place.path} must be an object`];
  const missing = (shape.required ?? []).filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => `${place.path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const member = shape.members?.[name];
      return member
        ? check(into(place, member.shape, `.${name}`), item)
        : [`${place.path}.${name} is unknown`];
    }),
  ];
}

function checkString({ path }: Place, shape: Shape, value: unknown): string[] {
  if (typeof value !== 'string') return [`${path} must be a string`];
  if (shape.enum && !shape.enum.includes(value)) {
    return [`${path} must be one of ${shape.enum.join()}`];
  }
  const isGood =
    value.length >= (shape.min ?? 0) &&
    value.length <= (shape.max ?? Infinity) &&
    (shape.pattern === undefined || new RegExp(shape.pattern).test(value));
  return isGood ? [] : [`${path} does not fit`];
}
