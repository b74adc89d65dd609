// An exchange in a page or in Node: a leaf of the tree.
import {
  disposable, type EndEvent, type ExposeOptions, type ObserveOptions, Sinks, type StandingEvent, type StateEvent, States, Streams,
} from "./contract.js";
import { Core, type Status } from "./core.js";
import type { Descriptor, ObjectDescriptor } from "./descriptor.js";
import { Engine } from "./engine.js";
import { MlaError } from "./error.js";
import type { SocketClass } from "./link.js";
import type { State } from "./state.js";
import { loadEngine, type WasmSource } from "./wasm.js";

export interface ConnectOptions {
  /** A label that peers show. */
  name?: string | undefined;
  /** Where there is no global one; in Node the package `ws` is looked for. */
  WebSocket?: unknown;
  /** The engine, where `mla_engine.wasm` is not beside the modules. */
  wasm?: WasmSource | undefined;
}

/** `status` of an exchange has changed. */
export class StatusEvent extends Event {
  constructor(
    readonly status: Status,
    /** Why, a name of MLA's list of errors. */
    readonly code: string | null,
    readonly detail: string,
  ) {
    super("status");
  }
}

async function socketClass(given: unknown): Promise<SocketClass> {
  const here = given ?? (globalThis as { WebSocket?: unknown }).WebSocket;
  if (here) return here as SocketClass;
  const name = "ws"; // not a literal in import(), so that no bundler looks for it
  try {
    return ((await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { WebSocket: SocketClass }).WebSocket;
  } catch {
    throw new MlaError("bad_option", "no WebSocket here: give one as an option, or install the package ws");
  }
}

async function randomWords(): Promise<Uint32Array> {
  const name = "node:crypto"; // Node 18 has it there only
  const source = (globalThis.crypto as Crypto | undefined) ??
    ((await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { webcrypto: Crypto }).webcrypto;
  return source.getRandomValues(new Uint32Array(4));
}

function absolute(url: string | URL): string {
  const whole = new URL(url, globalThis.location?.href);
  whole.protocol = whole.protocol.replace(/^http/, "ws");
  if (!/^wss?:$/.test(whole.protocol)) throw new MlaError("bad_url", `not a WebSocket's URL: ${whole.href}`);
  whole.hash = "";
  return whole.href;
}

const forgotten = new FinalizationRegistry<Core>((core) => core.close());

/** Links up to a parent and comes back by itself when the link is lost. Fires `status`. */
export class Exchange extends EventTarget {
  readonly #core: Core;

  /** @param url of the parent, or of several, which are tried in turn. */
  static async connect(url: string | URL | readonly (string | URL)[], options: ConnectOptions = {}): Promise<Exchange> {
    const urls = (Array.isArray(url) ? (url as readonly (string | URL)[]) : [url as string | URL]).map(absolute);
    if (urls.length === 0) throw new MlaError("bad_url", "no URL");
    const [wasm, Socket, random] = await Promise.all([loadEngine(options.wasm), socketClass(options.WebSocket), randomWords()]);
    return new Exchange(new Engine(wasm, options.name ?? "javascript", random), urls, Socket);
  }

  private constructor(engine: Engine, urls: readonly string[], Socket: SocketClass) {
    super();
    const self = new WeakRef(this);
    this.#core = new Core(engine, urls, Socket, (status, code, detail) =>
      self.deref()?.dispatchEvent(new StatusEvent(status, code, detail)),
    );
    forgotten.register(this, this.#core, this);
  }

  /** `connecting` until the first link; `stale` while it is lost; `refused` when the parent does not want us. It goes on trying. */
  get status(): Status {
    return this.#core.status;
  }
  /** How many contracts are open. */
  get contracts(): number {
    return this.#core.closed ? 0 : this.#core.engine.contracts;
  }

  /** Yields `{object, state}`, the newest of each object, and `{object, ended}` when one behind a tag is gone. With `standings`
   * also `{object, standing, reason}`. */
  states(descriptor: Descriptor, options: ObserveOptions & { standings: true }): States<StateEvent | EndEvent | StandingEvent>;
  states(descriptor: Descriptor, options?: ObserveOptions): States<StateEvent | EndEvent>;
  states(descriptor: Descriptor, options: ObserveOptions & { standings?: boolean } = {}): States<StateEvent | EndEvent | StandingEvent> {
    this.#check();
    return States.open(this.#core, this, descriptor, options, options.standings ?? false);
  }
  /** Yields a stream for each object, which yields its states. */
  observe(descriptor: Descriptor, options: ObserveOptions = {}): Streams {
    this.#check();
    return Streams.open(this.#core, this, descriptor, options);
  }
  /** Yields a sink for each election. */
  expose(descriptor: Descriptor, options: ExposeOptions = {}): Sinks {
    this.#check();
    return Sinks.open(this.#core, this, descriptor, options);
  }
  /** The object's newest state, once it is synchronized. When that takes longer than `timeout` milliseconds the error says
   * what is known: `unexposed`, `declined` or `timed_out`. */
  async get(
    descriptor: ObjectDescriptor, { timeout = 5000, signal }: { timeout?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<State> {
    signal?.throwIfAborted();
    const states = this.states(descriptor, { signal, standings: true });
    let late = false;
    const timer = setTimeout(() => ((late = true), states.close()), timeout);
    let standing = "waiting";
    try {
      for await (const event of states) {
        if (event.state?.synchronized) return event.state;
        if (event.standing) standing = event.standing;
      }
    } finally {
      clearTimeout(timer);
      states.close();
    }
    signal?.throwIfAborted();
    if (!late) throw new MlaError("closed", "the exchange is closed");
    const code = standing === "unexposed" || standing === "declined" ? standing : "timed_out";
    throw new MlaError(code, `no synchronized state in ${timeout} ms`);
  }

  /** Ends all contracts, and says goodbye to the parent. */
  close(): void {
    forgotten.unregister(this);
    this.#core.close();
  }
  #check(): void {
    if (this.#core.closed) throw new MlaError("closed", "the exchange is closed");
  }
}
export interface Exchange extends Disposable, AsyncDisposable {
  addEventListener(
    type: "status", listener: ((event: StatusEvent) => void) | null, options?: AddEventListenerOptions | boolean,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: AddEventListenerOptions | boolean,
  ): void;
  removeEventListener(type: "status", listener: ((event: StatusEvent) => void) | null, options?: EventListenerOptions | boolean): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: EventListenerOptions | boolean): void;
}
disposable(Exchange as unknown as { prototype: { close(): void } });
