import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkLoop } from '../lib/work-loop.ts';
import { claimDeliveries, type ClaimedDelivery, type EndpointKey } from './claim-deliveries.ts';
import { deliverOne, whichOf } from './deliver-one.ts';
import type { WebhookDeps } from './deps.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const FIRST: EndpointKey = { accountId: NIL, endpointId: NIL };
/** Between two looks: what ends meanwhile is refilled together. */
const MIN_GAP_MS = 5;

/** Tells customers' endpoints of their events, many at once, a few to each. */
export class WebhookDeliverer {
  readonly #deps: WebhookDeps;
  readonly #running = new Set<Promise<void>>();
  readonly #underWay = new Map<string, number>();
  #after = FIRST;
  readonly #loop: WorkLoop;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    this.#loop = new WorkLoop({
      look: () => this.#take(),
      onError: (error) => deps.log.warn({ err: error }, 'webhooks can not be read; trying again'),
      pollMs: deps.settings.pollMs,
      gapMs: MIN_GAP_MS,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Says that there may be something due; without it, it is found at the next poll. */
  wake(): void {
    this.#loop.wake();
  }

  /** Claims nothing more and waits for what is under way, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    await this.#loop.stop();
    const end = performance.now() + graceMs;
    while (this.#running.size > 0 && performance.now() < end) await delay(20);
  }

  /** One look; true when there is reason for another at once. */
  async #take(): Promise<boolean> {
    const { concurrency, perEndpoint, leaseMs } = this.#deps.settings;
    const limit = concurrency - this.#running.size;
    if (limit <= 0) return false;
    const { claims, next } = await claimDeliveries(this.#deps.database.pool, {
      ...{ lease: randomUUID(), leaseMs, limit, perEndpoint },
      underWay: this.#underWay,
      after: this.#after,
    });
    this.#after = next ?? FIRST;
    for (const claim of claims) this.#start(claim);
    return claims.length > 0 || next !== null;
  }

  #start(delivery: ClaimedDelivery): void {
    const { endpointId } = delivery;
    this.#underWay.set(endpointId, (this.#underWay.get(endpointId) ?? 0) + 1);
    const running = this.#deliver(delivery).finally(() => {
      this.#running.delete(running);
      const left = (this.#underWay.get(endpointId) ?? 1) - 1;
      if (left > 0) this.#underWay.set(endpointId, left);
      else this.#underWay.delete(endpointId);
      this.wake();
    });
    this.#running.add(running);
  }

  /** Never rejects: what fails here is taken up again when the lease ends. */
  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    try {
      await deliverOne(this.#deps, delivery);
    } catch (error) {
      this.#deps.log.error({ err: error, ...whichOf(delivery) }, 'webhook delivery failed');
    }
  }
}
