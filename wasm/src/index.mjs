// An exchange in a page or in Node: a leaf of the tree. See ../README.md.
import createWasm from "./mla_engine.mjs";
import { Engine, kinds } from "./engine.mjs";
import { SocketLink } from "./socket_link.mjs";
import { Feed } from "./feed.mjs";

const text = new TextEncoder();
const reader = new TextDecoder();
const redialMs = { least: 100, most: 5000 };

let loading; // one module for all exchanges of a page
function load() {
  return (loading ??= (async () => {
    if (globalThis.process?.versions?.node === undefined) return createWasm();
    // Node's fetch() takes no files.
    const { readFile } = await import("node:fs/promises");
    return createWasm({ wasmBinary: await readFile(new URL("mla_engine.wasm", import.meta.url)) });
  })());
}

/** `{tag}` or `{tags, json}` as the engine reads it: whether it is a tag, and its JSON texts. */
function named(descriptor) {
  if ("tag" in descriptor) return { byTag: true, texts: [JSON.stringify(descriptor.tag)] };
  if (!("tags" in descriptor && "json" in descriptor)) throw new TypeError("a descriptor is {tag} or {tags, json}");
  return { byTag: false, texts: [descriptor.json, ...descriptor.tags].map((value) => JSON.stringify(value)) };
}

/** One state of one object. */
export class State {
  constructor({ bytes, version, format, synchronized, age_us }) {
    this.bytes = bytes;
    this.version = version.map(BigInt);
    this.format = format;
    this.synchronized = synchronized;
    this.ageMs = age_us / 1000;
  }
  json() {
    if (this.format.at(-1) !== "JSON") throw new TypeError(`the format is ${this.format.join(" ")}, not JSON`);
    return JSON.parse(this.text());
  }
  text() {
    return reader.decode(this.bytes);
  }
}

/** One election: while it lasts, what is sent here is the object's state. */
class Sink {
  #send;
  #over = new AbortController();
  answers = []; // of those who wait in send(), in order

  constructor(object, send) {
    this.object = object;
    this.#send = send;
  }
  /** Aborted when the election ends, with the reason. */
  get signal() {
    return this.#over.signal;
  }
  /** @returns {Promise<"accepted" | "stale" | "ended">} */
  send(value, { format = value instanceof Uint8Array ? [] : ["JSON"] } = {}) {
    if (this.signal.aborted) return Promise.resolve("ended");
    const data = value instanceof Uint8Array ? value : text.encode(JSON.stringify(value));
    return new Promise((resolve, reject) => this.#send(format, data, { resolve, reject }));
  }
  end(reason) {
    this.#over.abort(reason);
    for (const { resolve } of this.answers.splice(0)) resolve("ended");
  }
}

export class Exchange extends EventTarget {
  #engine;
  #url;
  #Socket;
  #link = null;
  #linkId = 0;
  #contractId = 0;
  #contracts = new Map(); // id -> { feed }
  #sinks = new Map(); // id -> Sink
  #deadline = null;
  #redial = null;
  #pause = redialMs.least;
  #events = []; // what user code does while actions are carried out
  #busy = false;
  status = "connecting";

  /** @param options `WebSocket` where there is no global one; `name`, a label that peers show */
  static async connect(url, { WebSocket = globalThis.WebSocket, name = "javascript" } = {}) {
    if (!WebSocket) throw new TypeError("no WebSocket here: give one as option");
    return new Exchange(url, WebSocket, new Engine(await load(), name));
  }

  constructor(url, Socket, engine) {
    super();
    this.#url = url;
    this.#Socket = Socket;
    this.#engine = engine;
    this.#dial();
  }

  /** Yields `{object, state}`, the newest state of each object, and `{object, ended}` when one behind a tag is gone. */
  states(descriptor, { signal } = {}) {
    const { byTag, texts } = named(descriptor);
    return this.#open(byTag ? kinds.observeTag : kinds.observe, texts, {}, signal);
  }
  /** Yields a sink for each election. */
  expose(descriptor, { priority = 0, capacity = 1, signal } = {}) {
    const { byTag, texts } = named(descriptor);
    return this.#open(byTag ? kinds.exposeTag : kinds.expose, texts, { priority, capacity }, signal);
  }

  close() {
    if (this.status === "closed") return;
    this.#tell("closed");
    for (const { feed } of this.#contracts.values()) feed.end();
    for (const sink of this.#sinks.values()) sink.end("exchange_closed");
    clearTimeout(this.#deadline);
    clearTimeout(this.#redial);
    this.#link?.close();
    this.#link = null;
    this.#engine.free();
  }

  #open(kind, texts, options, signal) {
    const id = ++this.#contractId;
    const feed = new Feed(() => {
      if (!this.#contracts.delete(id) || this.status === "closed") return;
      this.#step((now) => this.#engine.dropContract(now, id));
    }, signal);
    this.#contracts.set(id, { feed });
    this.#step((now) => {
      try {
        return this.#engine.openContract(now, id, kind, texts, options);
      } catch (error) {
        this.#contracts.delete(id);
        feed.fail(error);
        return [];
      }
    });
    return feed;
  }

  #publish(sink, id, format, data, answer) {
    this.#step((now) => {
      if (sink.signal.aborted) return answer.resolve("ended"), [];
      sink.answers.push(answer);
      try {
        return this.#engine.publish(now, id, format, data);
      } catch (error) {
        sink.answers.pop();
        answer.reject(error);
        return [];
      }
    });
  }

  #dial() {
    this.#redial = null;
    const id = ++this.#linkId;
    this.#link = new SocketLink(this.#Socket, this.#url, {
      open: (free) => this.#step((now) => this.#engine.linkUp(now, id, free)),
      message: (bytes) => this.#step((now) => this.#engine.linkMessage(now, id, bytes)),
      writable: (free) => this.#step((now) => this.#engine.linkWritable(now, id, free)),
      down: () => {
        this.#step((now) => this.#engine.linkDown(now, id));
        this.#dialLater();
      },
    });
  }
  #dialLater() {
    this.#link = null;
    if (this.status === "closed") return;
    this.#tell("connecting");
    this.#redial ??= setTimeout(() => this.#dial(), this.#pause * (0.5 + Math.random() / 2));
    this.#pause = Math.min(2 * this.#pause, redialMs.most);
  }

  // The engine is not re-entrant: what is asked of it meanwhile comes after.
  #step(event) {
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#events.length > 0 && this.status !== "closed") {
        for (const action of this.#events.shift()(performance.now())) this.#carryOut(action);
      }
    } finally {
      this.#busy = false;
    }
    if (this.status !== "closed") this.#arm();
  }
  #arm() {
    clearTimeout(this.#deadline);
    const wait = this.#engine.nextDeadline - performance.now();
    if (wait === Infinity) return;
    this.#deadline = setTimeout(() => this.#step((now) => this.#engine.deadlineReached(now)), Math.max(0, Math.ceil(wait)));
  }

  #carryOut(action) {
    const feed = this.#contracts.get(action.contract)?.feed;
    const [tags, json] = action.object ?? [];
    const object = { tags, json };
    switch (action.do) {
      case "send":
        if (action.link === this.#linkId) this.#link?.send(action.bytes);
        return;
      case "close":
        if (action.link !== this.#linkId) return;
        this.#link?.close(action.code === "ok" ? 1000 : 4000);
        this.#dialLater();
        return;
      case "ready":
        this.#pause = redialMs.least;
        this.#tell("linked");
        return;
      case "lost":
        this.#tell("connecting");
        return;
      case "state": // the newest takes the place of one that nobody has taken
        feed?.put({ object, state: new State(action) }, JSON.stringify(action.object));
        return;
      case "ended":
        feed?.put({ object, ended: action.reason }, JSON.stringify(action.object));
        return;
      case "elected": {
        const sink = new Sink(object, (format, data, answer) => this.#publish(sink, action.sink, format, data, answer));
        this.#sinks.set(action.sink, sink);
        feed?.put(sink, action.sink);
        return;
      }
      case "withdrawn":
        this.#sinks.get(action.sink)?.end(action.reason);
        this.#sinks.delete(action.sink);
        return;
      case "published":
        this.#sinks.get(action.sink)?.answers.shift()?.resolve(action.outcome);
        return;
      case "refused":
        feed?.fail(new Error(action.code));
        return;
    }
  }
  #tell(status) {
    if (this.status === status) return;
    this.status = status;
    this.dispatchEvent(new Event("status"));
  }
}
