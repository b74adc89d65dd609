// An exchange in Node, by the WebAssembly engine, in a tree with a real router and the native commands.
//
// usage: exchange_test.mjs BIN PACKAGE     the native programs; the folder of index.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [bin, modules] = process.argv.slice(2);
const { WebSocket } = createRequire(import.meta.url)("/usr/share/nodejs/ws"); // Debian's; Node 18 has none of its own
const { Exchange } = await import(pathToFileURL(`${modules}/index.mjs`));
const deadlineMs = 15_000;

const children = new Set();
function start(program, ...args) {
  const child = spawn(`${bin}/${program}`, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  child.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.once("exit", () => children.delete(child));
  return child;
}
async function stop(child) {
  const gone = once(child, "exit");
  child.kill();
  await gone;
}
function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`too late: ${what}`)), deadlineMs)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
async function router(listen) {
  const child = start("mla-router", "--listen", listen, "--admin", "none");
  const { value } = await soon(child.lines.next(), "the router listens");
  return { child, url: value.replace("listening ", "") };
}
async function becomes(exchange, status) {
  while (exchange.status !== status) await soon(once(exchange, "status"), `${status}, it is ${exchange.status}`);
}
/** The first entry of a feed for which `fits` holds. */
async function until(feed, what, fits) {
  while (true) {
    const { value, done } = await soon(feed.next(), what);
    assert(!done, `${what}: it ended`);
    if (fits(value)) return value;
  }
}

async function main() {
  let { child, url } = await router("ws://127.0.0.1:0");
  const producer = await Exchange.connect(url, { WebSocket, name: "producer" });
  const reader = await Exchange.connect(url, { WebSocket, name: "reader" });

  // JavaScript to JavaScript, and to a native command.
  const offers = producer.expose({ tags: ["demo"], json: { unit: "C", at: 0.1 } }, { capacity: 4 });
  const seen = reader.states({ tag: "demo" });
  let sink = (await soon(offers.next(), "an election")).value;
  assert.deepEqual(sink.object, { tags: ["demo"], json: { at: 0.1, unit: "C" } });
  assert.equal(await soon(sink.send({ c: 21 }), "an answer"), "accepted");
  const first = await until(seen, "the first state", ({ state }) => state);
  assert.deepEqual(first.object, sink.object);
  assert.deepEqual(first.state.json(), { c: 21 });
  assert.equal(first.state.synchronized, true);
  assert.equal(await soon(sink.send({ c: 22 }), "an answer"), "accepted");
  await until(seen, "the second state", ({ state }) => state?.json().c === 22);
  const got = start("mla", "--url", url, "get", '{ "unit":"C", "at":1e-1 }', "--tag", "demo");
  assert.deepEqual(JSON.parse((await soon(got.lines.next(), "mla get")).value), { c: 22 }); // P12: one name in both
  console.log("states go from JavaScript to JavaScript and to mla");

  // A native exposer, large states, and its end.
  const large = "x".repeat(300_000);
  const native = start("mla", "--url", url, "expose", "native", "--tag", "demo", "--value", JSON.stringify("n"));
  const theirs = await until(seen, "a native state", ({ object }) => object.json === "native");
  assert.equal(theirs.state.json(), "n");
  await stop(native);
  await until(seen, "the native object ends", ({ object, ended }) => object.json === "native" && ended);
  assert.equal(await soon(sink.send({ large }), "an answer"), "accepted");
  await until(seen, "a large state", ({ state }) => state?.json().large === large);
  console.log("a native exposer comes and goes; 300 kB arrive in pieces");

  // The router goes and comes back.
  await stop(child);
  await becomes(reader, "connecting");
  ({ child } = await router(url));
  if (!sink.signal.aborted) await soon(once(sink.signal, "abort"), "alone, nobody observes");
  sink = (await soon(offers.next(), "an election by the new router")).value;
  assert.equal(await soon(sink.send({ c: 23 }), "an answer"), "accepted");
  await until(seen, "a state by the new router", ({ state }) => state?.synchronized && state.json().c === 23);
  console.log("a router that comes back is found again");

  // Nobody observes any more.
  await seen.return();
  if (!sink.signal.aborted) await soon(once(sink.signal, "abort"), "the sink ends");
  assert.equal(sink.signal.reason, "unobserved");
  assert.equal(await sink.send({}), "ended");
  await assert.rejects(reader.states({ tags: ["\ud800"], json: null }).next(), RangeError);
  producer.close();
  reader.close();
  await stop(child);
  console.log("a sink ends when nobody observes");
}

try {
  await main();
} catch (error) {
  console.error(error);
  for (const child of children) child.kill("SIGKILL");
  process.exit(1);
}
// When all went well Node ends by itself: nothing of a closed exchange keeps it alive.
