import type { Answer, Call, CallOptions, Transport } from './transport.ts';

/** One page of a list: a plain array that knows where it stands. */
export type Page<T> = T[] & {
  /** How many there are in all; null in reads by cursor. */
  readonly total: number | null;
  readonly page: number;
  readonly perPage: number;
  /** Whether the list goes on. */
  readonly hasMore: boolean;
};

/**
 * A list to await or to iterate: `await` gives one page, `for await` every item of this page and
 * all that follow, fetched as they are needed.
 */
export class List<T> implements PromiseLike<Page<T>>, AsyncIterable<T> {
  readonly #transport: Transport;
  readonly #call: Call;
  readonly #options: CallOptions | undefined;

  constructor(transport: Transport, call: Call, options?: CallOptions) {
    this.#transport = transport;
    this.#call = call;
    this.#options = options;
  }

  then<A = Page<T>, B = never>(
    onFulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#fetch(this.#call)
      .then(({ page }) => page)
      .then(onFulfilled, onRejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    let call: Call | null = this.#call;
    while (call) {
      const { page, next }: Fetched<T> = await this.#fetch(call);
      yield* page;
      call = next && { ...call, query: next };
    }
  }

  async #fetch(call: Call): Promise<Fetched<T>> {
    const answer = await this.#transport.call(call, this.#options);
    const next = nextQuery(answer);
    const number = (name: string, otherwise: number) =>
      Number(answer.headers.get(name) ?? otherwise);
    const items = answer.body as T[];
    const total = answer.headers.get('x-total-count');
    const page = Object.assign([...items], {
      total: total === null ? null : Number(total),
      page: number('x-page', 1),
      perPage: number('x-per-page', items.length),
      hasMore: next !== null,
    });
    return { page, next };
  }
}

type Fetched<T> = { page: Page<T>; next: Record<string, string> | null };

/** The query of the page that `Link: <…>; rel="next"` names. */
function nextQuery({ headers }: Answer): Record<string, string> | null {
  const target = /<([^>]*)>\s*;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];
  if (target === undefined) return null;
  return Object.fromEntries(new URL(target, 'http://localhost').searchParams);
}
