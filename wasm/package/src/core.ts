// The loop of one exchange: brings the engine what happens, does what it asks, keeps its one timer and its one link.
import { type ContractSettings, type Engine, type Outgoing } from "./engine.js";
import { nextTask } from "./later.js";
import { type SocketClass, SocketLink } from "./link.js";
import { RetryPlan } from "./retry.js";

export type Status = "connecting" | "linked" | "stale" | "refused" | "closed";

/** What the core knows of one contract: whom to tell. Must not hold the user's handle, which may be collected. */
export interface ContractHooks {
  /** There may be something to take. */
  news(): void;
  /** The same for one stream. */
  streamNews(stream: number): void;
  sinkEnded(sink: number, reason: string): void;
  end(error?: unknown): void;
}

const handshakeMs = 5000;
/** The wall clock went on by so much more than ours: the machine slept, and the link is as good as dead. */
const sleptMs = 20_000;
/** For an offline machine this one is still there. */
const isLoopback = (url: string) => /^wss?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/i.test(url);

/** Pages that may be left alone for long, and come back. */
interface Page {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  document?: Page & { visibilityState: string };
}
const page = globalThis as Page;

export class Core {
  readonly engine: Engine;
  readonly #urls: readonly string[];
  readonly #Socket: SocketClass;
  readonly #changed: (status: Status, code: string | null, detail: string) => void;
  readonly #plan: RetryPlan;
  readonly #contracts = new Map<number, ContractHooks>();
  #status: Status = "connecting";
  #wasLinked = false;
  #link: SocketLink | null = null;
  #linkId = 0;
  #readyAt: number | null = null;
  #lastContract = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timerAt = Infinity;
  #redial: ReturnType<typeof setTimeout> | null = null;
  #handshake: ReturnType<typeof setTimeout> | null = null;
  #draining = false;
  #flushing: Promise<void> | null = null;
  #flushed = false; // in this task already
  #clocks = Date.now() - performance.now();

  constructor(
    engine: Engine, urls: readonly string[], Socket: SocketClass, changed: (status: Status, code: string | null, detail: string) => void,
  ) {
    this.engine = engine;
    this.#urls = urls;
    this.#Socket = Socket;
    this.#changed = changed;
    this.#plan = new RetryPlan(urls.length);
    for (const type of ["pageshow", "resume", "focus"]) page.addEventListener?.(type, this.#onBack);
    page.document?.addEventListener?.("visibilitychange", this.#onBack);
    page.document?.addEventListener?.("resume", this.#onBack);
    page.addEventListener?.("online", this.#onOnline);
    page.addEventListener?.("offline", this.#onOffline);
    this.#dial();
  }

  get status(): Status {
    return this.#status;
  }
  get closed(): boolean {
    return this.#status === "closed";
  }

  close(): void {
    if (this.closed) return;
    const contracts = [...this.#contracts.values()];
    this.#contracts.clear();
    this.#status = "closed";
    this.engine.shutDown(performance.now()); // says goodbye
    this.#drain();
    this.#dropLink();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#redial !== null) clearTimeout(this.#redial);
    for (const type of ["pageshow", "resume", "focus"]) page.removeEventListener?.(type, this.#onBack);
    page.document?.removeEventListener?.("visibilitychange", this.#onBack);
    page.document?.removeEventListener?.("resume", this.#onBack);
    page.removeEventListener?.("online", this.#onOnline);
    page.removeEventListener?.("offline", this.#onOffline);
    this.engine.free();
    for (const hooks of contracts) hooks.end();
    this.#changed("closed", null, "");
  }

  newContract(): number {
    return ++this.#lastContract;
  }
  open(id: number, kind: number, lines: string, settings: ContractSettings, hooks: ContractHooks): void {
    this.#contracts.set(id, hooks);
    try {
      this.step((now) => this.engine.open(now, id, kind, lines, settings));
    } catch (error) {
      this.#contracts.delete(id);
      throw error;
    }
  }
  drop(id: number): void {
    if (!this.#contracts.delete(id)) return;
    this.step((now) => this.engine.drop(now, id));
  }

  /** One event for the engine, and what follows from it. */
  step(event: (now: number) => void): void {
    if (this.closed) return;
    event(performance.now());
    this.#drain();
  }

  /** What sinks have sent leaves together: at the end of what runs now; or, for who sends again and again, after others' turn. */
  flush(): Promise<void> {
    return (this.#flushing ??= new Promise<void>((resolve) => {
      const flush = () => {
        this.#flushing = null;
        this.step((now) => this.engine.flush(now));
        resolve();
      };
      if (this.#flushed) return nextTask(flush);
      this.#flushed = true;
      nextTask(() => (this.#flushed = false));
      queueMicrotask(flush);
    }));
  }

  /** Not re-entrant: what user code asks for meanwhile is in the queue that is drained. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next; !this.engine.freed && (next = this.engine.nextOutgoing()); ) this.#do(next);
    } finally {
      this.#draining = false;
    }
    this.#arm();
  }

  #do(what: Outgoing): void {
    switch (what.kind) {
      case "send":
        if (what.link === this.#linkId) this.#link?.send(what.message);
        return;
      case "close": {
        if (what.link !== this.#linkId || !this.#link) return;
        const link = this.#link;
        this.#link = null;
        link.close(what.code === 0 ? 1000 : 4000 + what.code);
        return this.#gone(what.code, what.detail);
      }
      case "linked":
        this.#wasLinked = true;
        this.#readyAt = performance.now();
        if (this.#handshake !== null) clearTimeout(this.#handshake);
        return this.#tell("linked", null, "");
      case "lost":
        return; // the link itself says so too
      case "contract":
        return this.#contracts.get(what.contract)?.news();
      case "stream":
        return this.#contracts.get(what.contract)?.streamNews(what.stream);
      case "sink_ended":
        return this.#contracts.get(what.contract)?.sinkEnded(what.sink, what.reason);
      case "refused": {
        const hooks = this.#contracts.get(what.contract);
        this.#contracts.delete(what.contract);
        return hooks?.end(this.engine.error(what.code));
      }
    }
  }

  #arm(): void {
    if (this.closed) return;
    const at = this.engine.nextDeadline;
    if (at === this.#timerAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = at;
    if (at !== Infinity) this.#timer = setTimeout(this.#onTimer, Math.max(0, Math.ceil(at - performance.now())));
  }
  readonly #onTimer = (): void => {
    this.#timerAt = Infinity;
    this.#wake();
  };
  #wake(): void {
    if (this.#slept()) this.#renew("the machine was asleep");
    this.step((now) => this.engine.wake(now));
  }
  #slept(): boolean {
    const clocks = Date.now() - performance.now();
    const slept = clocks - this.#clocks > sleptMs;
    this.#clocks = clocks;
    return slept;
  }

  #dial(): void {
    this.#redial = null;
    const id = ++this.#linkId;
    let link: SocketLink;
    const alone = (f: () => void) => () => void (this.#link === link && f());
    try {
      link = new SocketLink(this.#Socket, this.#urls[this.#plan.at]!, {
        open: (free) => this.step((now) => this.engine.linkUp(now, id, free)),
        message: (bytes) =>
          this.step((now) => {
            this.engine.linkMessage(now, id, bytes);
            // In hidden pages timers run late, messages do not.
            if (now >= this.#timerAt) this.engine.wake(now);
          }),
        writable: (free) => this.step((now) => this.engine.linkWritable(now, id, free)),
        down: (code, reason) => {
          this.#link = null;
          this.step((now) => this.engine.linkDown(now, id));
          // As transport/close_reason.h has it.
          this.#gone(code > 4000 && code < 5000 ? code - 4000 : code === 1012 ? this.#shuttingDown : 0, reason);
        },
      });
    } catch (error) {
      return this.#gone(0, String(error)); // no such URL, or not from such a page
    }
    this.#link = link;
    // A socket may be connecting for minutes.
    this.#handshake = setTimeout(alone(() => this.#renew("no answer in time")), handshakeMs);
  }
  readonly #shuttingDown = 310;

  /** The link is no more, and the engine knows. */
  #gone(code: number, detail: string): void {
    if (this.#handshake !== null) clearTimeout(this.#handshake);
    this.#handshake = null;
    if (this.closed) return;
    const now = performance.now();
    const lasted = this.#readyAt === null ? null : now - this.#readyAt;
    this.#readyAt = null;
    const refused = code !== 0 && this.engine.isRefusal(code);
    const name = code === 0 ? (lasted === null ? "cannot_connect" : "link_lost") : this.engine.error(code).code;
    const pause = lasted === null ? this.#plan.afterFailure() : this.#plan.afterLoss(now, lasted, code === this.#shuttingDown);
    this.#redial ??= setTimeout(() => this.#dial(), pause);
    this.#tell(refused ? "refused" : this.#wasLinked ? "stale" : "connecting", name, detail);
  }
  #dropLink(): void {
    if (this.#handshake !== null) clearTimeout(this.#handshake);
    const link = this.#link;
    this.#link = null;
    link?.close();
  }
  /** Lets go of a link that cannot be trusted, and dials anew. */
  #renew(why: string): void {
    if (!this.#link || this.closed) return;
    this.#dropLink();
    this.step((now) => this.engine.linkDown(now, this.#linkId));
    this.#gone(0, why);
  }
  #dialNow(): void {
    if (this.#redial === null || this.closed) return;
    clearTimeout(this.#redial);
    this.#dial();
  }

  readonly #onBack = (): void => {
    if (page.document?.visibilityState === "hidden") return;
    this.#wake();
    this.#dialNow();
  };
  readonly #onOnline = (): void => {
    // Another network perhaps; who is reached by loopback was there all the time.
    if (!isLoopback(this.#urls[this.#plan.at]!)) this.#renew("the network changed");
    this.#dialNow();
  };
  readonly #onOffline = (): void => {
    if (!isLoopback(this.#urls[this.#plan.at]!)) this.#renew("the network is gone");
  };

  #tell(status: Status, code: string | null, detail: string): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#changed(status, code, detail);
  }
}
