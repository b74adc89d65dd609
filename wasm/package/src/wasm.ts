// Loads the engine, and gives it what little it imports.

/** The functions of ../../client_abi.cc. */
export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  mla_record(): number;
  mla_input(size: number): number;
  mla_client_new(nodeLow: number, nodeHigh: number, seedLow: number, seedHigh: number, name: number): number;
  mla_client_free(client: number): void;
  mla_count(client: number, what: number): number;
  mla_link_up(client: number, now: number, link: number, bytesFree: number): void;
  mla_link_message(client: number, now: number, link: number, size: number): void;
  mla_link_writable(client: number, now: number, link: number, bytesFree: number): void;
  mla_link_down(client: number, now: number, link: number): void;
  mla_wake(client: number, now: number): void;
  mla_flush(client: number, now: number): void;
  mla_shut_down(client: number, now: number): void;
  mla_next_deadline(client: number): number;
  mla_next_outgoing(client: number): number;
  mla_open(
    client: number, now: number, id: number, kind: number, size: number, priority: number, capacity: number, limit: number,
    takesOver: number, lingerMs: number, minIntervalMs: number,
  ): number;
  mla_drop(client: number, now: number, id: number): void;
  mla_set_capacity(client: number, now: number, id: number, capacity: number): void;
  mla_set_min_interval(client: number, now: number, id: number, intervalMs: number): void;
  mla_take_event(client: number, now: number, id: number): number;
  mla_take_stream(client: number, now: number, id: number): number;
  mla_take_state(client: number, now: number, id: number, stream: number): number;
  mla_let_go(client: number, id: number, stream: number): void;
  mla_take_sink(client: number, id: number): number;
  mla_send(client: number, sink: number, size: number, ownVersion: number, versionItems: number): number;
  mla_current(client: number, sink: number): number;
  mla_decline(client: number, now: number, sink: number, reason: number, retryAfterMs: number): void;
  mla_describe(code: number): void;
  mla_error_group(code: number): number;
}

/** Where the engine is: a URL, its bytes, or the compiled module. */
export type WasmSource = string | URL | BufferSource | WebAssembly.Module;

let standard: (() => WasmSource) | undefined;
const loaded = new Map<WasmSource, Promise<EngineExports>>(); // one instance serves all exchanges of a page
let loadedStandard: Promise<EngineExports> | undefined;

/** What loadEngine() takes when nobody says otherwise. */
export function provideEngine(source: () => WasmSource): void {
  standard = source;
}

export function loadEngine(source?: WasmSource): Promise<EngineExports> {
  const once = (promise: Promise<EngineExports>, forget: () => void) => (promise.catch(forget), promise);
  if (source === undefined) {
    if (!standard) throw new TypeError("no engine was provided");
    return (loadedStandard ??= once(instantiate(standard()), () => (loadedStandard = undefined)));
  }
  let found = loaded.get(source);
  if (!found) loaded.set(source, (found = once(instantiate(source), () => loaded.delete(source))));
  return found;
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source !== "string" && !(source instanceof URL)) return WebAssembly.compile(source as BufferSource);
  const url = new URL(source, globalThis.location?.href);
  if (url.protocol === "file:") {
    // Node's fetch() takes no files. Not a literal, so that no bundler looks for it.
    const files = "node:fs/promises";
    const { readFile } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ files)) as {
      readFile(file: URL): Promise<Uint8Array<ArrayBuffer>>;
    };
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href}: status ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer()); // whatever type the server says it has
}

async function instantiate(source: WasmSource): Promise<EngineExports> {
  const module = await compile(source);
  let exports: EngineExports;
  const known: Record<string, (...args: number[]) => number> = {
    // How ECMAScript writes numbers is the canonical form.
    mla_number_to_string: (value, at) => new TextEncoder().encodeInto(String(value), new Uint8Array(exports.memory.buffer, at)).written,
    proc_exit: (status) => {
      throw new Error(`the engine ended with ${status}`);
    },
  };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  // The rest is of libc and never comes to anything here: it is told that there is no such call.
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = known[name] ?? (() => 52);
  const instance = await WebAssembly.instantiate(module, imports);
  exports = instance.exports as unknown as EngineExports;
  (instance.exports["_initialize"] as (() => void) | undefined)?.();
  return exports;
}
