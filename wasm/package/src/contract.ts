// What users hold of contracts, and the part of each that the core holds.
import type { ContractHooks, Core } from "./core.js";
import { type Descriptor, type ObjectDescriptor, toLines } from "./descriptor.js";
import { type ContractSettings, contractKinds, type StandingKind } from "./engine.js";
import { Reader } from "./reader.js";
import { Sink } from "./sink.js";
import type { State } from "./state.js";

export interface ObserveOptions {
  /** Ends the contract, quietly. */
  signal?: AbortSignal | undefined;
  /** The least time between two states of one object, in milliseconds. What comes sooner is conflated, on the way already. */
  minInterval?: number | undefined;
}
export interface ExposeOptions {
  /** Ends the contract, quietly. */
  signal?: AbortSignal | undefined;
  /** A weight: of all objects this contract gets its share of the sum. 0: nothing new. Default 1. */
  capacity?: number | undefined;
  /** Higher first. Default 0. */
  priority?: number | undefined;
  /** At most so many objects at a time. */
  limit?: number | undefined;
  /** True: waits while one of lower priority is at work. */
  withoutPreemption?: boolean | undefined;
  /** An election goes on for so many milliseconds after the last observer left. */
  linger?: number | undefined;
}

/** A new state. */
export interface StateEvent {
  readonly object: ObjectDescriptor;
  readonly state: State;
  readonly ended?: undefined;
  readonly standing?: undefined;
}
/** The object behind a tag is gone. */
export interface EndEvent {
  readonly object: ObjectDescriptor;
  readonly state?: undefined;
  readonly ended: string;
  readonly standing?: undefined;
}
/** What is known of its production. */
export interface StandingEvent {
  readonly object: ObjectDescriptor;
  readonly state?: undefined;
  readonly ended?: undefined;
  readonly standing: StandingKind;
  readonly reason: string;
}

/** A contract in the core. Holds no handle of a user: those may be collected. */
export class Part implements ContractHooks {
  readonly id: number;
  readonly readers = new Map<number, Reader<State>>(); // of streams
  readonly sinks = new Map<number, AbortController>();
  reader: Reader<unknown> = new Reader<unknown>(() => undefined);
  #signal: AbortSignal | undefined;

  constructor(readonly core: Core) {
    this.id = core.newContract();
  }
  open(descriptor: Descriptor, expose: boolean, settings: Partial<ContractSettings>, signal: AbortSignal | undefined): void {
    const { byTag, lines } = toLines(descriptor);
    const kind = contractKinds[expose ? (byTag ? "exposeTag" : "expose") : byTag ? "observeTag" : "observe"];
    if (signal?.aborted) return this.reader.end();
    const all = { priority: 0, capacity: 1, limit: 0, takesOver: true, lingerMs: 0, minIntervalMs: 0, ...settings };
    this.core.open(this.id, kind, lines, all, this);
    this.#signal = signal;
    signal?.addEventListener("abort", this.close);
  }
  /** The user wants no more of it. */
  readonly close = (): void => {
    if (this.reader.over) return;
    this.end(undefined, "contract_dropped");
    this.core.drop(this.id);
  };

  news(): void {
    this.reader.wake();
  }
  streamNews(stream: number): void {
    this.readers.get(stream)?.wake();
  }
  sinkEnded(sink: number, reason: string): void {
    const over = this.sinks.get(sink);
    this.sinks.delete(sink);
    over?.abort(reason);
  }
  end(error?: unknown, reason = "exchange_closed"): void {
    this.#signal?.removeEventListener("abort", this.close);
    this.reader.end(error);
    for (const reader of this.readers.values()) reader.end();
    this.readers.clear();
    const sinks = [...this.sinks.values()];
    this.sinks.clear();
    for (const over of sinks) over.abort(reason);
  }
}

const forgotten = new FinalizationRegistry<() => void>((close) => close());

/** What a contract hands out, one by one. It ends with close(), return(), a `break` of `for await`, its signal, `using`, its
 * exchange, or when nobody holds it any more. */
export abstract class Contract<T> implements AsyncIterableIterator<T, undefined> {
  /** @internal */
  readonly part: Part;
  protected readonly owner: object; // a contract keeps its exchange

  /** @internal */
  constructor(part: Part, owner: object) {
    this.part = part;
    this.owner = owner;
    forgotten.register(this, part.close, this);
  }
  next(): Promise<IteratorResult<T, undefined>> {
    return this.part.reader.next() as Promise<IteratorResult<T, undefined>>;
  }
  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
  close(): void {
    forgotten.unregister(this);
    this.part.close();
  }
}

/** Has `using` and `await using` where the language has them. */
export function disposable(type: { prototype: { close(): void } }): void {
  const prototype = type.prototype as { close(): void } & Record<symbol, unknown>;
  const symbols = Symbol as { dispose?: symbol; asyncDispose?: symbol };
  if (symbols.dispose) prototype[symbols.dispose] = prototype.close;
  if (symbols.asyncDispose)
    prototype[symbols.asyncDispose] = function (this: { close(): void }): Promise<void> {
      this.close();
      return Promise.resolve();
    };
}
export interface Contract<T> extends Disposable, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
}
disposable(Contract as unknown as { prototype: { close(): void } });

/** Merged over all objects, the newest of each, in turn. */
export class States<E> extends Contract<E> {
  /** @internal */
  static open<E>(core: Core, owner: object, descriptor: Descriptor, options: ObserveOptions, standings: boolean): States<E> {
    const part = new Part(core);
    const names = new Map<number, ObjectDescriptor>();
    part.reader = new Reader<unknown>(() => {
      if (core.closed) return undefined;
      for (;;) {
        const told = core.engine.takeEvent(performance.now(), part.id);
        if (!told) return undefined;
        if (told.name) names.set(told.object, told.name);
        const object = names.get(told.object)!;
        if (told.kind === "state") return { object, state: told.state };
        if (told.kind === "standing") {
          if (standings) return { object, standing: told.standing, reason: told.reason };
          continue;
        }
        names.delete(told.object);
        return { object, ended: told.reason };
      }
    });
    const handle = new States<E>(part, owner);
    part.open(descriptor, false, { minIntervalMs: options.minInterval ?? 0 }, options.signal);
    return handle;
  }
  setMinInterval(ms: number): void {
    if (!this.part.reader.over) this.part.core.step((now) => this.part.core.engine.setMinInterval(now, this.part.id, ms));
  }
}

/** The states of one object, from when it came until it goes. */
export class Stream implements AsyncIterableIterator<State, undefined> {
  readonly object: ObjectDescriptor;
  readonly #reader: Reader<State>;
  readonly #letGo: () => void;
  /** @internal */
  constructor(object: ObjectDescriptor, reader: Reader<State>, letGo: () => void) {
    this.object = object;
    this.#reader = reader;
    this.#letGo = letGo;
  }
  next(): Promise<IteratorResult<State, undefined>> {
    return this.#reader.next();
  }
  return(): Promise<IteratorResult<State, undefined>> {
    this.#letGo();
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** One stream per object. What nobody takes is conflated, stream by stream. */
export class Streams extends Contract<Stream> {
  /** @internal */
  static open(core: Core, owner: object, descriptor: Descriptor, options: ObserveOptions): Streams {
    const part = new Part(core);
    part.reader = new Reader<unknown>(() => {
      const next = core.closed ? null : core.engine.takeStream(performance.now(), part.id);
      if (!next) return undefined;
      const { stream, object } = next;
      const letGo = (): void => {
        if (!part.readers.delete(stream)) return;
        reader.end();
        if (!core.closed) core.engine.letGo(part.id, stream);
      };
      const reader = new Reader<State>(() => {
        const state = core.closed ? null : core.engine.takeState(performance.now(), part.id, stream);
        if (!state) return undefined;
        if (!("ended" in state)) return state;
        letGo();
        return undefined;
      });
      part.readers.set(stream, reader);
      return new Stream(object, reader, letGo);
    });
    const handle = new Streams(part, owner);
    part.open(descriptor, false, { minIntervalMs: options.minInterval ?? 0 }, options.signal);
    return handle;
  }
}

/** A sink for each election. */
export class Sinks extends Contract<Sink> {
  /** @internal */
  static open(core: Core, owner: object, descriptor: Descriptor, options: ExposeOptions): Sinks {
    const part = new Part(core);
    part.reader = new Reader<unknown>(() => {
      const next = core.closed ? null : core.engine.takeSink(part.id);
      if (!next) return undefined;
      const over = new AbortController();
      part.sinks.set(next.sink, over);
      return { ...next, over };
    });
    const handle = new Sinks(part, owner);
    const { capacity = 1, priority = 0, limit = 0, withoutPreemption = false, linger = 0 } = options;
    part.open(descriptor, true, { capacity, priority, limit, takesOver: !withoutPreemption, lingerMs: linger }, options.signal);
    return handle;
  }
  override async next(): Promise<IteratorResult<Sink, undefined>> {
    const { value, done } = (await this.part.reader.next()) as IteratorResult<
      { sink: number; object: ObjectDescriptor; over: AbortController }, undefined
    >;
    if (done) return { value: undefined, done: true };
    return { value: new Sink(value.object, value.sink, value.over.signal, this.part.core, this), done: false };
  }
  setCapacity(capacity: number): void {
    if (!this.part.reader.over) this.part.core.step((now) => this.part.core.engine.setCapacity(now, this.part.id, capacity));
  }
}
