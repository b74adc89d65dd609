// What the tests share: native processes, and waiting with a deadline.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const deadlineMs = 15_000;
const children = new Set();

export function soon(promise, what, ms = deadlineMs) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`too late: ${what}`)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until `fits()` holds. */
export async function holds(what, fits, ms = deadlineMs) {
  for (const end = performance.now() + ms; !(await fits()); await new Promise((resolve) => setTimeout(resolve, 5)))
    assert(performance.now() < end, `too late: ${what}`);
}

export class World {
  constructor(bin) {
    this.bin = bin;
  }
  start(program, ...args) {
    const child = spawn(`${this.bin}/${program}`, args, { stdio: ["ignore", "pipe", "inherit"] });
    children.add(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.lines = lines;
    child.line = async (what = `a line of ${program}`) => (await soon(lines.next(), what)).value;
    child.once("exit", () => children.delete(child));
    return child;
  }
  async stop(child, signal = "SIGTERM") {
    const gone = once(child, "exit");
    child.kill(signal);
    await soon(gone, `${child.spawnfile} ends`);
  }
  async router(listen = "ws://127.0.0.1:0", ...more) {
    const child = this.start("mla-router", "--listen", listen, ...(more.includes("--admin") ? [] : ["--admin", "none"]), ...more);
    const url = (await child.line()).replace("listening ", "");
    const admin = more.includes("--admin") ? (await child.line()).replace("admin ", "") : null;
    return { child, url, admin };
  }
  static killAll() {
    for (const child of children) child.kill("SIGKILL");
  }
}

/** The exchange has this status, now or soon. */
export async function becomes(exchange, status) {
  while (exchange.status !== status) await soon(once(exchange, "status"), `${status}; it is ${exchange.status}`);
}

/** The first entry of an iterator for which `fits` holds. */
export async function until(iterator, what, fits) {
  for (;;) {
    const { value, done } = await soon(iterator.next(), what);
    assert(!done, `${what}: it ended`);
    if (fits(value)) return value;
  }
}
export async function first(iterator, what) {
  return until(iterator, what, () => true);
}

/** Runs a test; when it fails, what it started ends with it. */
export async function run({ default: test }, world) {
  try {
    await test(world);
  } catch (error) {
    console.error(error);
    World.killAll();
    process.exit(1);
  }
}
