// What a contract hands out, as an async iterable for one reader. A newer entry of one key takes the place of an older one
// that was not taken, so a slow reader needs one entry per object.
export class Feed {
  #entries = new Map();
  #readers = [];
  #over = false;
  #error = null;
  #drop;

  /** @param drop called once, when it ends for whatever reason */
  constructor(drop, signal) {
    this.#drop = drop;
    signal?.addEventListener("abort", () => this.end(), { once: true });
    if (signal?.aborted) queueMicrotask(() => this.end());
  }

  put(value, key) {
    if (this.#over) return;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ value, done: false });
    this.#entries.set(key, value);
  }
  fail(error) {
    this.#error = error;
    this.end();
  }
  end() {
    if (this.#over) return;
    this.#over = true;
    this.#entries.clear();
    for (const reader of this.#readers.splice(0)) this.#error ? reader.reject(this.#error) : reader.resolve({ value: undefined, done: true });
    this.#drop();
  }

  next() {
    const first = this.#entries.entries().next();
    if (!first.done) {
      const [key, value] = first.value;
      this.#entries.delete(key);
      return Promise.resolve({ value, done: false });
    }
    if (this.#over) return this.#error ? Promise.reject(this.#error) : Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }
  return() {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}
