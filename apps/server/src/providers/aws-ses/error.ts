import { toDetail } from '../detail.ts';
import type { ProviderAnswer } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';

/** What AWS says is wrong; `name` is empty where the answer is not in AWS's form. */
export type AwsError = { readonly name: string; readonly message: string };

/** SES answers in JSON with the name in a header, SNS in XML. */
export function readError({ headers, body }: ProviderAnswer): AwsError {
  const parsed = parseJson(body);
  const json = isRecord(parsed) ? parsed : {};
  const name =
    headers['x-amzn-errortype'] ??
    textOf(json['__type'] ?? json['code'] ?? json['type']) ??
    readXml(body, 'Code') ??
    '';
  const message = textOf(json['message'] ?? json['Message']) ?? readXml(body, 'Message') ?? '';
  // `com.amazonaws.ses#BadRequestException` and `BadRequestException:http://…` are its other forms.
  return { name: (/^(?:[^:]*#)?([A-Za-z0-9_.]+)/.exec(name)?.[1] ?? '').slice(0, 100), message };
}

/** The error of an answer on one line, or its status where it has none. */
export function describeError(answer: ProviderAnswer, secret: string | undefined): string {
  const { name, message } = readError(answer);
  const words = [name, message].filter((part) => part !== '').join(': ');
  return toDetail(words || `HTTP ${answer.status}`, [secret]);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/** The text of the first element of that name; SNS's answers are flat enough for it. */
export function readXml(body: string, element: string): string | null {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(body)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity) ?? null;
}
