// The functions of client_abi.cc with values of JavaScript. Knows no WebSocket and no clock.
import { fromCanonical, type ObjectDescriptor } from "./descriptor.js";
import { MlaError } from "./error.js";
import { State } from "./state.js";
import type { EngineExports } from "./wasm.js";

const writer = new TextEncoder();
const reader = new TextDecoder();
const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What mla_open takes. */
export const contractKinds = { observe: 0, expose: 1, observeTag: 2, exposeTag: 3 } as const;

export interface ContractSettings {
  priority: number;
  capacity: number;
  limit: number;
  takesOver: boolean;
  lingerMs: number;
  minIntervalMs: number;
}

/** Something to do, or to look at. */
export type Outgoing =
  | { kind: "send"; link: number; message: Uint8Array<ArrayBuffer> }
  | { kind: "close"; link: number; code: number; detail: string }
  | { kind: "linked"; link: number; peer: string }
  | { kind: "lost"; link: number; code: number }
  | { kind: "contract"; contract: number }
  | { kind: "stream"; contract: number; stream: number }
  | { kind: "sink_ended"; contract: number; sink: number; reason: string }
  | { kind: "refused"; contract: number; code: number };

export type StandingKind = "unexposed" | "declined" | "waiting" | "synchronized" | "stale";

/** What a contract tells: of an object, by the number that stands for it within the contract. */
export type Told =
  | { kind: "state"; object: number; name: ObjectDescriptor | null; state: State }
  | { kind: "standing"; object: number; name: ObjectDescriptor | null; standing: StandingKind; reason: string }
  | { kind: "ended"; object: number; name: ObjectDescriptor | null; reason: string };

// Where the parts of the record are.
const at = {
  age: 0, skipped: 8, number: 16, epoch: 24, id: 36, object: 40, code: 44, synchronized: 48, skippedExact: 52, text: 56,
  data: 64, format: 72, version: 80, versionSize: 84, reason: 88,
} as const;
const json: readonly string[] = Object.freeze(["JSON"]);

export class Engine {
  readonly #wasm: EngineExports;
  readonly #record: number;
  #client: number;
  #memory: DataView;

  /** @param random four words drawn anew */
  constructor(wasm: EngineExports, name: string, random: Uint32Array) {
    this.#wasm = wasm;
    this.#record = wasm.mla_record();
    this.#memory = new DataView(wasm.memory.buffer);
    // A node's id is never 0.
    this.#client = wasm.mla_client_new(random[0]! | 1, random[1]!, random[2]!, random[3]!, this.#put(name));
  }
  free(): void {
    this.#wasm.mla_client_free(this.#client);
    this.#client = 0;
  }
  get freed(): boolean {
    return this.#client === 0;
  }

  linkUp(now: number, link: number, bytesFree: number): void {
    this.#wasm.mla_link_up(this.#client, now, link, bytesFree);
  }
  linkMessage(now: number, link: number, message: Uint8Array): void {
    const start = this.#input(message.length); // may grow the memory, which makes its buffer another
    new Uint8Array(this.#wasm.memory.buffer, start, message.length).set(message);
    this.#wasm.mla_link_message(this.#client, now, link, message.length);
  }
  linkWritable(now: number, link: number, bytesFree: number): void {
    this.#wasm.mla_link_writable(this.#client, now, link, bytesFree);
  }
  linkDown(now: number, link: number): void {
    this.#wasm.mla_link_down(this.#client, now, link);
  }
  wake(now: number): void {
    this.#wasm.mla_wake(this.#client, now);
  }
  flush(now: number): void {
    this.#wasm.mla_flush(this.#client, now);
  }
  shutDown(now: number): void {
    this.#wasm.mla_shut_down(this.#client, now);
  }
  /** Infinity: nothing to wait for. */
  get nextDeadline(): number {
    return this.#wasm.mla_next_deadline(this.#client);
  }
  get contracts(): number {
    return this.#wasm.mla_count(this.#client, 0);
  }

  nextOutgoing(): Outgoing | null {
    const kind = this.#wasm.mla_next_outgoing(this.#client);
    if (kind === 0) return null;
    this.#look();
    const id = this.#word(at.id);
    switch (kind) {
      case 1:
        return { kind: "send", link: id, message: this.#bytes(at.data) };
      case 2:
        return { kind: "close", link: id, code: this.#word(at.code), detail: this.#text(at.text) };
      case 3:
        return { kind: "linked", link: id, peer: this.#text(at.text) };
      case 4:
        return { kind: "lost", link: id, code: this.#word(at.code) };
      case 5:
        return { kind: "contract", contract: id };
      case 6:
        return { kind: "stream", contract: id, stream: this.#double(at.number) };
      case 7:
        return { kind: "sink_ended", contract: id, sink: this.#double(at.number), reason: this.#text(at.text) };
      default:
        return { kind: "refused", contract: id, code: this.#word(at.code) };
    }
  }

  open(now: number, id: number, kind: number, lines: string, settings: ContractSettings): void {
    const { priority, capacity, limit, takesOver, lingerMs, minIntervalMs } = settings;
    const size = this.#put(lines);
    const error = this.#wasm.mla_open(
      this.#client, now, id, kind, size, priority, capacity, limit, takesOver ? 1 : 0, lingerMs, minIntervalMs,
    );
    if (error !== 0) throw this.error(error);
  }
  drop(now: number, id: number): void {
    this.#wasm.mla_drop(this.#client, now, id);
  }
  setCapacity(now: number, id: number, capacity: number): void {
    this.#wasm.mla_set_capacity(this.#client, now, id, capacity);
  }
  setMinInterval(now: number, id: number, intervalMs: number): void {
    this.#wasm.mla_set_min_interval(this.#client, now, id, intervalMs);
  }

  takeEvent(now: number, id: number): Told | null {
    const kind = this.#wasm.mla_take_event(this.#client, now, id);
    if (kind === 0) return null;
    this.#look();
    const object = this.#word(at.object);
    const name = this.#word(at.text) === 0 ? null : this.#name();
    if (kind === 1) return { kind: "state", object, name, state: this.#state() };
    const text = this.#text(at.reason);
    if (kind === 3) return { kind: "ended", object, name, reason: text };
    const blank = text.indexOf(" ");
    return { kind: "standing", object, name, standing: text.slice(0, blank) as StandingKind, reason: text.slice(blank + 1) };
  }
  takeStream(now: number, id: number): { stream: number; object: ObjectDescriptor } | null {
    if (this.#wasm.mla_take_stream(this.#client, now, id) === 0) return null;
    this.#look();
    return { stream: this.#double(at.number), object: this.#name() };
  }
  /** The next state, why the stream ended, or null: there is nothing now. */
  takeState(now: number, id: number, stream: number): State | { ended: string } | null {
    const kind = this.#wasm.mla_take_state(this.#client, now, id, stream);
    if (kind === 0) return null;
    this.#look();
    return kind === 1 ? this.#state() : { ended: this.#text(at.reason) };
  }
  letGo(id: number, stream: number): void {
    this.#wasm.mla_let_go(this.#client, id, stream);
  }
  takeSink(id: number): { sink: number; object: ObjectDescriptor } | null {
    if (this.#wasm.mla_take_sink(this.#client, id) === 0) return null;
    this.#look();
    return { sink: this.#double(at.number), object: this.#name() };
  }

  /** `leaves`: flush() has something to do. */
  send(
    sink: number, format: readonly string[], data: Uint8Array | string, version: readonly (bigint | number)[] | null,
  ): { answer: "accepted" | "stale" | "ended"; leaves: boolean } {
    const labels = `${format.join(" ")}\n`;
    const items = version?.length ?? 0;
    const most = 8 * items + 3 * labels.length + (typeof data === "string" ? 3 * data.length : data.length);
    const start = this.#input(most);
    this.#look();
    version?.forEach((item, i) => this.#memory.setBigInt64(start + 8 * i, BigInt(item), true));
    const room = new Uint8Array(this.#wasm.memory.buffer, start, most);
    let end = 8 * items;
    end += writer.encodeInto(labels, room.subarray(end)).written;
    if (typeof data === "string") end += writer.encodeInto(data, room.subarray(end)).written;
    else room.set(data, end), (end += data.length);
    const answer = this.#wasm.mla_send(this.#client, sink, end, version ? 1 : 0, items);
    if (answer >= 8) throw this.error(answer);
    return { answer: (["accepted", "stale", "ended"] as const)[answer & 3]!, leaves: (answer & 4) !== 0 };
  }
  current(sink: number): State | null {
    if (this.#wasm.mla_current(this.#client, sink) === 0) return null;
    this.#look();
    return this.#state();
  }
  decline(now: number, sink: number, reason: string, retryAfterMs: number): void {
    this.#wasm.mla_decline(this.#client, now, sink, this.#put(reason), retryAfterMs);
  }

  error(code: number, detail = ""): MlaError {
    this.#wasm.mla_describe(code);
    this.#look();
    const text = this.#text(at.text);
    const blank = text.indexOf(" ");
    return new MlaError(text.slice(0, blank), text.slice(blank + 1) + (detail ? `: ${detail}` : ""));
  }
  /** True: the peer understood us and does not want us. */
  isRefusal(code: number): boolean {
    return this.#wasm.mla_error_group(code) === 3 || ["would_loop", "too_deep", "bad_subprotocol", "version_mismatch"].includes(this.error(code).code);
  }

  /** Room that the next call reads. */
  #input(size: number): number {
    return this.#wasm.mla_input(size);
  }
  #put(text: string): number {
    const start = this.#input(3 * text.length);
    return writer.encodeInto(text, new Uint8Array(this.#wasm.memory.buffer, start, 3 * text.length)).written;
  }
  /** The memory may have grown, and then it is another buffer. */
  #look(): void {
    if (this.#memory.buffer !== this.#wasm.memory.buffer) this.#memory = new DataView(this.#wasm.memory.buffer);
  }
  #word(offset: number): number {
    return this.#memory.getUint32(this.#record + offset, true);
  }
  #double(offset: number): number {
    return this.#memory.getFloat64(this.#record + offset, true);
  }
  #bytes(offset: number): Uint8Array<ArrayBuffer> {
    const start = this.#word(offset);
    return new Uint8Array(this.#wasm.memory.buffer.slice(start, start + this.#word(offset + 4)) as ArrayBuffer);
  }
  #text(offset: number): string {
    return reader.decode(new Uint8Array(this.#wasm.memory.buffer, this.#word(offset), this.#word(offset + 4)));
  }
  /** Text as a string: tens of thousands of small buffers keep the collector of garbage busy, strings do not. */
  #data(format: readonly string[]): Uint8Array<ArrayBuffer> | string {
    const last = format.at(-1);
    if (last === "JSON" || last === "TEXT") {
      try {
        const text = exact.decode(new Uint8Array(this.#wasm.memory.buffer, this.#word(at.data), this.#word(at.data + 4)));
        if (text.charCodeAt(0) !== 0xfeff) return text; // readers of text leave such a mark out
      } catch {
        // No UTF-8 after all.
      }
    }
    return this.#bytes(at.data);
  }
  #name(): ObjectDescriptor {
    return fromCanonical(this.#text(at.text));
  }
  #state(): State {
    const from = this.#word(at.version);
    const version: bigint[] = [];
    for (let i = 0; i < this.#word(at.versionSize); ++i) version.push(this.#memory.getBigInt64(from + 8 * i, true));
    const format = this.#word(at.format) === 0 ? json : this.#text(at.format).split(" ").filter((label) => label !== "");
    return new State(
      this.#data(format), format, version, this.#memory.getBigUint64(this.#record + at.epoch, true),
      this.#word(at.synchronized) !== 0, this.#double(at.age), this.#double(at.skipped), this.#word(at.skippedExact) !== 0,
    );
  }
}
