import { isIP } from 'node:net';
import { WEBHOOK_EVENTS } from '@courierx/contract';
import { isPublicAddress } from '../../lib/outbound-guard.ts';
import type { ServiceDeps } from '../context.ts';

const KNOWN: ReadonlySet<string> = new Set(WEBHOOK_EVENTS);

/** What is wrong with an endpoint's fields, each fault naming its field. */
export function checkEndpoint(
  deps: ServiceDeps,
  { url, events }: { url?: string | undefined; events?: readonly string[] | undefined },
): string[] {
  return [...(url === undefined ? [] : checkUrl(deps, url)), ...checkEvents(events ?? [])];
}

/** A name is judged when it is connected to, by the addresses it has then. */
function checkUrl({ guard }: ServiceDeps, text: string): string[] {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return ['url must be an http or https address'];
  if (url.username !== '' || url.password !== '') return ['url must not hold credentials'];
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isInside = isIP(literal) !== 0 ? !isPublicAddress(literal) : isLocalName(literal);
  if (isInside && guard?.allowsPrivateNetworks !== true) {
    return ['url must not lead into a private network'];
  }
  return [];
}

function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

function checkEvents(events: readonly string[]): string[] {
  return events
    .filter((event) => !KNOWN.has(event))
    .map(
      (event) =>
        `events: ${JSON.stringify(event)} is not an event; known: ${[...KNOWN].join(', ')}`,
    );
}
