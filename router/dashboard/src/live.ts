// States as hooks. A contract lives as long as the component that shows it, so the link carries what is shown and nothing else.
import type { Descriptor, Exchange, ObjectDescriptor, StandingKind, State } from "mla-exchange";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export const ExchangeContext = createContext<Exchange | null>(null);

export interface Seen {
  object: ObjectDescriptor;
  state: State | null;
  value: unknown;
  at: number;
  standing: StandingKind | null;
  reason: string;
}
export type All = ReadonlyMap<string, Seen>;

/** So often is shown what is new; the rest is conflated. */
const showMs = 100;

function value(state: State): unknown {
  try {
    return state.format.at(-1) === "JSON" ? state.json() : state.format.at(-1) === "TEXT" ? state.text() : state.bytes;
  } catch {
    return state.text();
  }
}

/** What is known of each object of the descriptor. `each` is called for each state, the shown ones and the others. */
export function useLive(descriptor: Descriptor | null, each?: (seen: Seen) => void, minInterval = 0): All {
  const exchange = useContext(ExchangeContext);
  const [all, show] = useState<All>(new Map());
  const key = descriptor && JSON.stringify(descriptor);
  useEffect(() => {
    const seen = new Map<string, Seen>();
    show(new Map());
    if (!exchange || !key) return;
    const states = exchange.states(JSON.parse(key) as Descriptor, { standings: true, minInterval });
    let timer: ReturnType<typeof setTimeout> | undefined;
    void (async () => {
      for await (const event of states) {
        const name = JSON.stringify(event.object.json);
        const before = seen.get(name) ?? { object: event.object, state: null, value: undefined, at: 0, standing: null, reason: "" };
        if (event.ended !== undefined) seen.delete(name);
        else if (event.state) {
          const now: Seen = { ...before, state: event.state, value: value(event.state), at: Date.now() };
          seen.set(name, now);
          each?.(now);
        } else seen.set(name, { ...before, standing: event.standing, reason: event.reason });
        timer ??= setTimeout(() => ((timer = undefined), show(new Map(seen))), showMs);
      }
    })();
    return () => {
      states.close();
      clearTimeout(timer);
    };
  }, [exchange, key]);
  return all;
}
export function useOne(object: ObjectDescriptor | null, each?: (seen: Seen) => void, minInterval = 0): Seen | null {
  for (const seen of useLive(object, each, minInterval).values()) return seen;
  return null;
}

export interface Link {
  link: number;
  role: "parent" | "child";
  ready: boolean;
  peer: string | null;
  peer_name: string;
  address: string;
  round_trip_us: number | null;
  rates: Record<string, number> | null;
  pending_objects: number;
}
export interface Node {
  node: string;
  name: string;
  version: string;
  uptime_s: number;
  listening: string[];
  path: string[];
  counters: Record<string, number>;
  links_total: number;
  links: Link[];
}
/** The exchanges of the tree that describe themselves, by their id. */
export function useNodes(): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  for (const { value: node } of useLive({ tag: { $mla: "node" } }).values()) if (node) nodes.set((node as Node).node, node as Node);
  return nodes;
}
/** The id of the tree's root. Only the root's own object is observed, seldom, once it is known who that is. */
export function useRoot(): string | null {
  const exchange = useContext(ExchangeContext);
  const [root, set] = useState<string | null>(null);
  const theRoot = useOne(root === null ? null : { tags: [{ $mla: "node" }], json: { $mla: "node", id: root } }, undefined, 5000);
  const above = (theRoot?.value as Node | undefined)?.path[0];
  const gone = theRoot?.standing === "unexposed" || (theRoot?.state && !theRoot.state.synchronized);
  useEffect(() => {
    if (above && above !== root) set(above);
  }, [above]);
  useEffect(() => {
    if (!exchange || (root !== null && !gone)) return;
    const states = exchange.states({ tag: { $mla: "node" } });
    void (async () => {
      for await (const { state } of states)
        if (state?.synchronized) {
          const { node, path } = state.json<Node>();
          return set(path[0] ?? node);
        }
    })();
    return () => states.close();
  }, [exchange, root, gone]);
  return root;
}
export const question = (node: string, json: ObjectDescriptor["json"]): ObjectDescriptor => ({ tags: [{ $mla: "query", node }], json });
