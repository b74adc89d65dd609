// The engine of ../engine_abi.cc with numbers and strings of JavaScript. Knows no WebSocket and no clock.

const text = new TextEncoder();
const reader = new TextDecoder();

/** What mla_contract_open takes as the kind of a contract. */
export const kinds = { observe: 0, expose: 1, observeTag: 2, exposeTag: 3 };

/** One exchange's engine. Each call answers the actions, in order; an action's `bytes` are a copy. */
export class Engine {
  #wasm;
  #page;

  /** @param wasm what the factory of mla_engine.mjs gave; may be shared by engines */
  constructor(wasm, name) {
    const [a, b, c, d] = crypto.getRandomValues(new Uint32Array(4));
    this.#wasm = wasm;
    this.#page = wasm._mla_engine_new(a | 1, b, c, d, this.#put(text.encode(name)));  // a node's id is never 0
  }

  free() {
    this.#wasm._mla_engine_free(this.#page);
    this.#page = 0;
  }

  linkUp(now, link, bytesFree) {
    this.#wasm._mla_link_up(this.#page, now, link, bytesFree);
    return this.#actions();
  }
  linkMessage(now, link, message) {
    this.#wasm._mla_link_message(this.#page, now, link, this.#put(message));
    return this.#actions();
  }
  linkWritable(now, link, bytesFree) {
    this.#wasm._mla_link_writable(this.#page, now, link, bytesFree);
    return this.#actions();
  }
  linkDown(now, link) {
    this.#wasm._mla_link_down(this.#page, now, link);
    return this.#actions();
  }
  deadlineReached(now) {
    this.#wasm._mla_deadline_reached(this.#page, now);
    return this.#actions();
  }
  /** Infinity: nothing to wait for. */
  get nextDeadline() {
    return this.#wasm._mla_next_deadline(this.#page);
  }

  /** @param texts JSON texts: the tag's; or the object's value and then its tags' */
  openContract(now, id, kind, texts, { priority = 0, capacity = 1 } = {}) {
    const size = this.#put(text.encode(texts.join("\n")));
    const error = this.#wasm._mla_contract_open(this.#page, now, id, kind, priority, capacity, size);
    if (error !== 0) throw new RangeError(`no such contract can be: error ${error}`);
    return this.#actions();
  }
  dropContract(now, id) {
    this.#wasm._mla_contract_drop(this.#page, now, id);
    return this.#actions();
  }
  publish(now, sink, format, data) {
    const head = text.encode(format.join(" ") + "\n");
    const all = new Uint8Array(head.length + data.length);
    all.set(head);
    all.set(data, head.length);
    const error = this.#wasm._mla_publish(this.#page, now, sink, this.#put(all));
    if (error !== 0) throw new RangeError(`no such format can be: error ${error}`);
    return this.#actions();
  }

  /** Puts the bytes where the next call reads them. */
  #put(bytes) {
    const at = this.#wasm._mla_input(bytes.length);
    this.#wasm.HEAPU8.set(bytes, at);
    return bytes.length;
  }
  #actions() {
    const wasm = this.#wasm;
    const page = this.#page;
    const actions = [];
    while (wasm._mla_next_action(page)) {
      const at = wasm._mla_action_text(page);
      const action = JSON.parse(reader.decode(wasm.HEAPU8.subarray(at, at + wasm._mla_action_text_size(page))));
      const from = wasm._mla_action_bytes(page);
      action.bytes = wasm.HEAPU8.slice(from, from + wasm._mla_action_bytes_size(page));
      actions.push(action);
    }
    return actions;
  }
}
