import type { Core } from "./core.js";
import type { ObjectDescriptor } from "./descriptor.js";
import type { State } from "./state.js";

export interface SendOptions {
  /** How to read the data. Default `["JSON"]`, for bytes none. */
  format?: readonly string[] | undefined;
  /** The producer's own version, greater than all before; default: one is made. */
  version?: readonly (bigint | number)[] | undefined;
}

/** One election: while it lasts, what is sent here is the object's state. */
export class Sink {
  readonly object: ObjectDescriptor;
  /** Aborted when the election ends; its `reason` says why: `"unobserved"`, `"handed_over"`, … */
  readonly signal: AbortSignal;
  readonly #id: number;
  readonly #core: Core;
  /** Its contract, which lives as long as somebody holds a sink. @internal */
  readonly contract: object;

  /** @internal */
  constructor(object: ObjectDescriptor, id: number, signal: AbortSignal, core: Core, contract: object) {
    this.object = object;
    this.signal = signal;
    this.#id = id;
    this.#core = core;
    this.contract = contract;
  }

  /** A newer state takes the place of one that has not left. `"stale"`: something newer than this version is known.
   * Answers once it is on its way. */
  async send(value: unknown, { format, version }: SendOptions = {}): Promise<"accepted" | "stale" | "ended"> {
    const bytes = value instanceof Uint8Array;
    const data: unknown = bytes ? value : JSON.stringify(value);
    if (data === undefined) throw new TypeError("this value has no JSON");
    if (this.signal.aborted || this.#core.closed) return "ended";
    const labels = format ?? (bytes ? [] : ["JSON"]);
    const { answer } = this.#core.engine.send(this.#id, labels, data as string | Uint8Array, version ?? null);
    if (answer === "accepted") await this.#core.flush();
    return answer;
  }
  /** The newest state known here, of whomever: to go on from it. Null when there is none, and when the election is over. */
  get current(): State | null {
    return this.signal.aborted || this.#core.closed ? null : this.#core.engine.current(this.#id);
  }
  /** Gives the object back; others are elected, and this contract is left out for `retryAfter` milliseconds. */
  decline(reason: string, { retryAfter = 1000 }: { retryAfter?: number } = {}): void {
    if (!this.signal.aborted) this.#core.step((now) => this.#core.engine.decline(now, this.#id, reason, retryAfter));
  }
}
