/** What somebody takes one by one, and others bring: asks `take` first, and waits when it gives nothing. Keeps nothing itself. */
export class Reader<T> {
  readonly #take: () => T | undefined;
  #waiting: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }[] = [];
  #over = false;
  #error: unknown;

  constructor(take: () => T | undefined) {
    this.#take = take;
  }

  /** There may be something to take. */
  wake(): void {
    while (this.#waiting.length > 0 && !this.#over) {
      const value = this.#take();
      if (value === undefined) return;
      this.#waiting.shift()?.resolve({ value, done: false });
    }
  }
  end(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error !== undefined) reject(error);
      else resolve({ value: undefined, done: true });
    }
  }
  get over(): boolean {
    return this.#over;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#over) {
      const value = this.#waiting.length > 0 ? undefined : this.#take();
      if (value !== undefined) return Promise.resolve({ value, done: false });
    }
    if (!this.#over) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return this.#error !== undefined ? Promise.reject(this.#error) : Promise.resolve({ value: undefined, done: true });
  }
}
