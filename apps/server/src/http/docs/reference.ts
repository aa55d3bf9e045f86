import type { OpenAPIV3_1 } from 'openapi-types';
import {
  escapeHtml,
  highlightJson,
  renderInline,
  type Rendered,
  type Section,
} from './markdown.ts';

type Document = OpenAPIV3_1.Document;
type Operation = OpenAPIV3_1.OperationObject;
type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject;
type Parameter = OpenAPIV3_1.ParameterObject;

type Entry = { readonly method: string; readonly path: string; readonly operation: Operation };

/** The API, call by call, from its OpenAPI document. */
export function renderReference(document: Document): Rendered {
  const entries = entriesOf(document);
  const sections: Section[] = entries.map(({ method, path, operation }) => ({
    id: operation.operationId ?? '',
    title: `${operation.summary ?? ''} (${method} ${path})`,
    text: `${operation.description ?? ''} ${JSON.stringify(operation.requestBody ?? '')}`,
  }));
  const groups = (document.tags ?? []).map((tag) => {
    const inTag = entries.filter(({ operation }) => operation.tags?.[0] === tag.name);
    return `<h2 id="${slug(tag.name)}">${escapeHtml(tag.name)}</h2>
<p>${renderInline(tag.description ?? '')}</p>
${inTag.map((entry) => renderEntry(document, entry)).join('\n')}`;
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<h3 id="schema-${name}">${escapeHtml(name)}</h3>${renderProperties(schema)}`,
  );
  return {
    title: 'API reference',
    sections,
    html: `<h1>API reference</h1>
<p>Made from <a href="/openapi.json">openapi.json</a>, which is made from the schemas that check
every request. Load that file into your own client or generator.</p>
${groups.join('\n')}
<h2 id="schemas">Schemas</h2>
${schemas.join('\n')}`,
  };
}

/** For the menu: each group with its calls. */
export function outlineOf(document: Document): { title: string; href: string }[] {
  return (document.tags ?? []).map(({ name }) => ({
    title: name,
    href: `/docs/reference#${slug(name)}`,
  }));
}

function entriesOf(document: Document): Entry[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).flatMap(([method, operation]) =>
      typeof operation === 'object' && 'operationId' in operation
        ? [{ method: method.toUpperCase(), path, operation }]
        : [],
    ),
  );
}

function renderEntry(document: Document, { method, path, operation }: Entry): string {
  const id = operation.operationId ?? '';
  const parameters = (operation.parameters ?? []).filter((part) => 'name' in part);
  return `<section class="operation" id="${escapeHtml(id)}">
<h3><a href="#${escapeHtml(id)}">${escapeHtml(operation.summary ?? '')}</a></h3>
<p class="call"><span class="method">${method}</span> <code>${escapeHtml(path)}</code></p>
${operation.description === undefined ? '' : `<p>${renderInline(operation.description)}</p>`}
${renderParameters(parameters)}
${renderBody(operation)}
${renderAnswers(document, operation)}
</section>`;
}

function renderParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, required, schema, description }) =>
    row({
      name,
      required: required === true,
      schema: schema ?? {},
      description,
    }),
  );
  return `<h4>Parameters</h4>${table(rows)}`;
}

function renderBody({ requestBody }: Operation): string {
  if (!requestBody || '$ref' in requestBody) return '';
  return Object.entries(requestBody.content)
    .map(([type, media]) => {
      const example: unknown = media.example;
      return `<h4>Body, <code>${escapeHtml(type)}</code></h4>
${example === undefined ? '' : highlightJson(example)}
<details><summary>Fields</summary>${renderProperties(media.schema ?? {})}</details>`;
    })
    .join('\n');
}

function renderAnswers(document: Document, { responses }: Operation): string {
  const rows = Object.entries(responses ?? {}).map(([status, answer]) => {
    const known =
      '$ref' in answer
        ? document.components?.responses?.[answer.$ref.split('/').at(-1) ?? '']
        : answer;
    const said = known && 'description' in known ? known : null;
    const description = said?.description ?? '';
    const media = said && 'content' in said ? Object.values(said.content ?? {})[0] : undefined;
    const schema = media?.schema;
    const type = schema === undefined ? '' : ` ${typeOf(schema)}`;
    return `<tr><td><code>${status}</code></td><td>${renderInline(description)}${type}</td></tr>`;
  });
  return `<h4>Answers</h4><div class="table"><table><tbody>${rows.join('')}</tbody></table></div>`;
}

function renderProperties(schema: Schema): string {
  if ('$ref' in schema) return `<p>${typeOf(schema)}</p>`;
  const parts = (schema.allOf ?? []) as Schema[];
  const inherited = parts.map((part) => renderProperties(part)).join('');
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    row({
      name,
      required: schema.required?.includes(name) === true,
      schema: property,
      description: 'description' in property ? property.description : undefined,
    }),
  );
  return inherited + (rows.length === 0 ? '' : table(rows));
}

type Field = {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly description: string | undefined;
};

function row({ name, required, schema, description }: Field): string {
  return `<tr><td><code>${escapeHtml(name)}</code>${required ? ' <em>required</em>' : ''}</td>
<td>${typeOf(schema)}</td><td>${renderInline(description ?? descriptionIn(schema))}</td></tr>`;
}

function table(rows: readonly string[]): string {
  return `<div class="table"><table><tbody>${rows.join('')}</tbody></table></div>`;
}

/** A description may stand in one arm of a union: that beside `null`. */
function descriptionIn(schema: Schema): string {
  if ('$ref' in schema) return '';
  const arms = (schema.anyOf ?? []) as Schema[];
  return schema.description ?? arms.map(descriptionIn).find((text) => text !== '') ?? '';
}

function typeOf(schema: Schema): string {
  if ('$ref' in schema) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#schema-${name}">${escapeHtml(name)}</a>`;
  }
  if (schema.enum) {
    return schema.enum.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' | ');
  }
  const arms = schema.anyOf ?? schema.oneOf;
  if (arms) return arms.map((arm) => typeOf(arm)).join(' or ');
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part)).join(' and ');
  if (schema.type === 'array' && 'items' in schema) {
    return `list of ${typeOf(schema.items)}`;
  }
  return escapeHtml([[schema.type ?? 'any'].flat().join(' or '), ...boundsOf(schema)].join(', '));
}

function boundsOf(schema: OpenAPIV3_1.SchemaObject): string[] {
  const { format, minimum, maximum, minLength, maxLength } = schema;
  const fallback: unknown = schema.default;
  return [
    ...(format === undefined ? [] : [format]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(minLength === undefined || minLength < 2 ? [] : [`${minLength} characters or more`]),
    ...(maxLength === undefined ? [] : [`up to ${maxLength} characters`]),
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
  ];
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
