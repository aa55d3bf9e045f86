import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from '../services/context.ts';

/** A list is a plain array; where it stands in the whole is in the headers. */
export function sendPage<T>(request: FastifyRequest, reply: FastifyReply, page: Page<T>) {
  void reply.headers({ 'x-page': String(page.page), 'x-per-page': String(page.perPage) });
  if (page.total !== null) void reply.header('x-total-count', String(page.total));
  const next = nextQuery(page);
  if (next !== null) {
    const url = new URL(request.url, 'http://localhost');
    url.searchParams.delete('page');
    url.searchParams.set(next.name, next.value);
    void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  return reply.send(page.items);
}

function nextQuery(page: Page<unknown>): { name: string; value: string } | null {
  if (page.nextCursor !== undefined) {
    return page.nextCursor === null ? null : { name: 'cursor', value: page.nextCursor };
  }
  const isMore = page.total !== null && page.page * page.perPage < page.total;
  return isMore ? { name: 'page', value: String(page.page + 1) } : null;
}
