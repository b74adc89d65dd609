// Hooks for React 18 and later. However many components observe one thing, the exchange has one contract for it.
import { createContext, createElement, type FunctionComponent, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";
import type { States, StandingEvent, EndEvent, StateEvent } from "./contract.js";
import type { Status } from "./core.js";
import { type Descriptor, type Json, type ObjectDescriptor, toLines } from "./descriptor.js";
import type { StandingKind } from "./engine.js";
import type { Exchange } from "./exchange.js";
import { nextTask } from "./later.js";
import type { State } from "./state.js";

const ExchangeContext = createContext<Exchange | null>(null);

/** Gives the hooks below it their exchange. Null while there is none yet: they show nothing then. */
export const ExchangeProvider: FunctionComponent<{ exchange: Exchange | null; children?: ReactNode }> = ({ exchange, children }) =>
  createElement(ExchangeContext.Provider, { value: exchange }, children);
export const useExchange = (): Exchange | null => useContext(ExchangeContext);

/** What is known of one object. */
export interface ObjectView {
  readonly object: ObjectDescriptor;
  readonly state: State | null;
  readonly standing: StandingKind | null;
  readonly reason: string;
}
const nothing: readonly ObjectView[] = [];

/** One contract for all components that look at the same. */
class Shared {
  readonly #listeners = new Set<() => void>();
  readonly #views = new Map<string, ObjectView>();
  #states: States<StateEvent | EndEvent | StandingEvent> | null = null;
  #snapshot: readonly ObjectView[] = nothing;
  #telling = false;

  constructor(
    readonly exchange: Exchange,
    readonly descriptor: Descriptor,
    readonly gone: () => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (!this.#states) void this.#follow();
    return () => {
      this.#listeners.delete(listener);
      // Not at once: StrictMode and moves within the page unsubscribe and subscribe again in one go.
      queueMicrotask(() => this.#listeners.size > 0 || this.#stop());
    };
  };
  readonly snapshot = (): readonly ObjectView[] => this.#snapshot;

  #stop(): void {
    this.#states?.close();
    this.#states = null;
    this.gone();
  }
  async #follow(): Promise<void> {
    if (this.exchange.status === "closed") return;
    const states = (this.#states = this.exchange.states(this.descriptor, { standings: true }));
    for await (const event of states) {
      const key = JSON.stringify([event.object.tags, event.object.json]);
      const before = this.#views.get(key) ?? { object: event.object, state: null, standing: null, reason: "" };
      if (event.ended !== undefined) this.#views.delete(key);
      else if (event.state) this.#views.set(key, { ...before, state: event.state });
      else this.#views.set(key, { ...before, standing: event.standing, reason: event.reason });
      this.#tell();
    }
  }
  /** Once for all that came in one task. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    nextTask(() => {
      this.#telling = false;
      this.#snapshot = [...this.#views.values()];
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

const shared = new WeakMap<Exchange, Map<string, Shared>>();

function find(exchange: Exchange, descriptor: Descriptor): Shared {
  let all = shared.get(exchange);
  if (!all) shared.set(exchange, (all = new Map()));
  const { byTag, lines } = toLines(descriptor);
  const key = `${byTag ? "tag" : "object"} ${lines}`;
  let found = all.get(key);
  if (!found) all.set(key, (found = new Shared(exchange, descriptor, () => all.delete(key))));
  return found;
}

const none = { subscribe: () => () => {}, snapshot: () => nothing };

function useViews(descriptor: Descriptor): readonly ObjectView[] {
  const exchange = useExchange();
  const { byTag, lines } = toLines(descriptor);
  // Another object with the same content is the same name.
  const subscribe = useCallback(
    (listener: () => void) => (exchange ? find(exchange, descriptor) : none).subscribe(listener), [exchange, byTag, lines],
  );
  const snapshot = () => (exchange ? find(exchange, descriptor) : none).snapshot();
  return useSyncExternalStore(subscribe, snapshot, none.snapshot);
}

/** The newest state of one object, and its standing. */
export function useObject(object: ObjectDescriptor): ObjectView {
  return useViews(object)[0] ?? { object, state: null, standing: null, reason: "" };
}
/** The objects of a tag that are live, in the order in which they were heard of. */
export function useTag(tag: Json): readonly ObjectView[] {
  return useViews({ tag });
}
/** How the exchange is linked; null without one. */
export function useStatus(): Status | null {
  const exchange = useExchange();
  const subscribe = useCallback(
    (listener: () => void) => {
      exchange?.addEventListener("status", listener);
      return () => exchange?.removeEventListener("status", listener);
    },
    [exchange],
  );
  return useSyncExternalStore(subscribe, () => exchange?.status ?? null, () => null);
}
