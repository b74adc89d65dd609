// Which of a list of parents to dial next, and after what pause: as exchange/runtime/retry_plan.h.

const leastMs = 100;
const mostMs = 5000;
/** A link that was ready for so long counts as good: the next pauses are short again. */
const goodLinkMs = 5000;
const atOnceEveryMs = 1000;

export class RetryPlan {
  readonly #parents: number;
  #at = 0;
  #left: number; // still to be tried in this round
  #bound = leastMs;
  #atOnceAt = -Infinity;

  constructor(parents: number) {
    this.#parents = parents;
    this.#left = parents - 1;
  }
  /** Whom to dial. */
  get at(): number {
    return this.#at;
  }

  /** The pause after a dial that failed, or a link that was turned away before it was ready. */
  afterFailure(): number {
    this.#next();
    if (this.#left === 0) return this.#round(true);
    --this.#left;
    return 0;
  }
  /** The pause after a link that was ready for `lasted`. Whoever lets everybody go again must not be dialled in a circle. */
  afterLoss(now: number, lasted: number, toldToGo: boolean): number {
    if (lasted >= goodLinkMs) this.#bound = leastMs;
    this.#next();
    if (now - this.#atOnceAt < atOnceEveryMs || (this.#parents === 1 && !toldToGo)) return this.#round(lasted < goodLinkMs);
    this.#atOnceAt = now;
    this.#left = this.#parents - 1;
    return 0;
  }

  #next(): void {
    this.#at = (this.#at + 1) % this.#parents;
  }
  #round(grow: boolean): number {
    this.#left = this.#parents - 1;
    // Any part of the bound, so that many who lost one parent do not come back at once.
    const pause = Math.random() * this.#bound;
    if (grow) this.#bound = Math.min(2 * this.#bound, mostMs);
    return pause;
  }
}
