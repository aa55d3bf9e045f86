import { List } from './list.ts';
import type { Call, CallOptions, QueryValue, Transport } from './transport.ts';

/** Base of every resource: holds nothing but the transport. */
export abstract class Resource {
  protected readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  protected async request<T>(call: Call, options?: CallOptions): Promise<T> {
    const { body } = await this.transport.call(call, options);
    return body as T;
  }

  protected async perform(call: Call, options?: CallOptions): Promise<void> {
    await this.transport.call(call, options);
  }

  protected pages<T>(
    path: string,
    query: Readonly<Record<string, QueryValue>>,
    options?: CallOptions,
  ): List<T> {
    return new List<T>(this.transport, { method: 'GET', path, query: { ...query } }, options);
  }
}

/** An id as a part of a path. */
export function segment(id: string): string {
  // An empty id would be another path: that of the list.
  if (typeof id !== 'string' || id === '') throw new TypeError('An id is needed');
  return encodeURIComponent(id);
}
