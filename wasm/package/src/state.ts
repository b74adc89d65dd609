const reader = new TextDecoder();
const writer = new TextEncoder();

/** One state of one object. Nothing in it changes. */
export class State {
  #data: Uint8Array<ArrayBuffer> | string;

  /** @internal @param data a string when it is text from which the very bytes can be made again */
  constructor(
    data: Uint8Array<ArrayBuffer> | string,
    /** How to read it, what was applied last comes last: `["JSON"]`, `["JSON", "ZSTD"]`. */
    readonly format: readonly string[],
    /** Grows with each state of an object, item by item. */
    readonly version: readonly bigint[],
    /** The counter of the election of which it comes. */
    readonly epoch: bigint,
    /** The path to its exposer is unbroken, so nothing newer exists that did not come. */
    readonly synchronized: boolean,
    /** 0 when synchronized; else how long ago it last was. */
    readonly ageMs: number,
    /** States of this object that were left out before this one, since newer ones were there. */
    readonly skipped: number,
    /** False: at least so many. */
    readonly skippedExact: boolean,
  ) {
    this.#data = data;
  }

  /** The data as it came; do not change it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (typeof this.#data === "string") this.#data = writer.encode(this.#data);
    return this.#data;
  }
  json<T = unknown>(): T {
    if (this.format.at(-1) !== "JSON") throw new TypeError(`the format is ${this.format.join(" ") || "not given"}, not JSON`);
    return JSON.parse(this.text()) as T;
  }
  /** The bytes as UTF-8. */
  text(): string {
    return typeof this.#data === "string" ? this.#data : reader.decode(this.#data);
  }
}
