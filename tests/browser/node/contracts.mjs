// The rest of the interface: get, streams, decline, current, intervals, priorities, versions, and every way a contract ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import { first, holds, soon, until } from "../world.mjs";

export default async function (world) {
  const { child, url } = await world.router();
  const a = await world.connect(url, { name: "a" });
  const b = await world.connect([new URL(url), url.replace("ws:", "http:")], { name: "b" });
  const object = { tags: [], json: "x" };

  await assert.rejects(b.get(object, { timeout: 200 }), { name: "MlaError", code: "unexposed" });
  const offers = a.expose(object);
  const asked = b.get(object);
  let sink = await first(offers, "an election");
  await sink.send([1]);
  assert.deepEqual((await soon(asked, "an answer")).json(), [1]);
  if (!sink.signal.aborted) await soon(once(sink.signal, "abort"), "nobody observes");
  const refused = b.get(object, { timeout: 400 });
  sink = await first(offers, "an election");
  sink.decline("not today", { retryAfter: 60_000 });
  assert.equal(sink.signal.reason, "declined");
  assert.equal(await sink.send(1), "ended");
  await assert.rejects(refused, { code: "declined" });
  await assert.rejects(b.get(object, { signal: AbortSignal.abort() }), { name: "AbortError" });
  await offers.return();
  assert.equal(a.contracts + b.contracts, 0);
  console.log("get: a state, unexposed, declined, aborted");

  // Streams; a contract's own version; who takes over goes on from what is there.
  const streams = b.observe({ tag: "t" });
  const versions = a.expose({ tags: ["t"], json: 1 });
  sink = await first(versions, "an election");
  assert.equal(await sink.send("one", { version: [7, 1] }), "accepted");
  assert.equal(await sink.send("older", { version: [7, 0] }), "stale");
  const stream = await first(streams, "a stream");
  assert.deepEqual(stream.object, { tags: ["t"], json: 1 });
  assert.deepEqual((await first(stream, "a state")).version, [7n, 1n]);
  const better = b.expose({ tags: ["t"], json: 1 }, { priority: 5 });
  const second = await first(better, "a take-over");
  assert.equal(second.current.json(), "one");
  assert.equal(await second.send("two"), "accepted");
  await soon(once(sink.signal, "abort"), "the first one ends");
  assert.equal(sink.signal.reason, "handed_over");
  await until(stream, "the second's state", (state) => state.json() === "two");
  await versions.return();
  await better.return();
  await until({ next: async () => ({ value: await stream.next(), done: false }) }, "the stream ends", ({ done }) => done);
  await streams.return();
  console.log("streams, versions, priorities, current");

  // A least time between states; freshness and the last one are not held back.
  const slow = b.states({ tags: [], json: "fast" }, { minInterval: 300 });
  const ticks = a.expose({ tags: [], json: "fast" });
  const fast = await first(ticks, "an election");
  let n = 0;
  const ticking = setInterval(() => void fast.send(++n), 5);
  const times = [];
  while (times.length < 4) {
    const { state } = await first(slow, "a state");
    times.push(performance.now());
    if (times.length > 1) assert(state.skipped > 0);
  }
  clearInterval(ticking);
  const gaps = times.slice(1).map((time, i) => Math.round(time - times[i]));
  assert(gaps.slice(1).every((gap) => gap > 250), `${gaps} ms`);
  slow.setMinInterval(0);
  slow.close();
  ticks.close();
  console.log(`a minimum interval of 300 ms: ${gaps} ms`);

  // All the ways to end.
  const counted = () => a.contracts;
  assert.equal(counted(), 0);
  const aborted = new AbortController();
  const byAbort = a.states({ tag: 1 }, { signal: aborted.signal });
  const waiting = byAbort.next();
  aborted.abort();
  assert.deepEqual(await soon(waiting, "the abort"), { value: undefined, done: true });
  assert.deepEqual(await a.states({ tag: 1 }, { signal: AbortSignal.abort() }).next(), { value: undefined, done: true });
  for (const symbol of [Symbol.dispose, Symbol.asyncDispose].filter(Boolean)) {
    const used = a.states({ tag: 1 });
    assert.equal(counted(), 1);
    await used[symbol]();
    assert.equal(counted(), 0);
  }
  for (let i = 0; i < 100; ++i) (a.states({ tag: i }), a.expose({ tag: i }));
  assert.equal(counted(), 200);
  await holds("what nobody holds is collected", async () => (globalThis.gc(), counted() === 0));
  const held = a.expose({ tags: [], json: "held" });
  const observer = b.states({ tags: [], json: "held" });
  const elected = await first(held, "an election");
  const outer = (async () => {
    for await (const { state } of b.states({ tags: [], json: "held" })) if (state.json() === "last") return "seen";
  })();
  for (let i = 0; i < 10; ++i) globalThis.gc(), await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await elected.send("last"), "accepted"); // the loop above has no other hold than its own waiting
  assert.equal(await soon(outer, "a loop that only waits is not collected"), "seen");
  observer.close();
  let gone = new WeakRef(await world.connect(url, { name: "gone" }));
  await holds("an exchange that nobody holds is collected", () => (globalThis.gc(), gone.deref() === undefined));
  console.log("return, abort, using and garbage collection end contracts");

  // What cannot be.
  for (const bad of [{}, { tags: [] }, { json: 1 }, { tags: "a", json: 1 }]) assert.throws(() => a.states(bad), TypeError);
  for (const bad of [NaN, undefined, Infinity, () => 1, [undefined], { a: NaN }]) {
    assert.throws(() => a.states({ tag: bad }), RangeError);
    assert.throws(() => a.states({ tags: [], json: [bad] }), RangeError);
  }
  const code = (descriptor) => {
    try {
      a.states(descriptor);
      return "none";
    } catch (error) {
      return error.code;
    }
  };
  assert.equal(code({ tag: 2 ** 53 + 2 }), "json_number");
  assert.equal(code({ tag: "\ud800" }), "json_encoding");
  assert.equal(code({ tag: "x".repeat(5000) }), "descriptor_too_large");
  assert.equal(code({ tags: Array.from({ length: 17 }, (_, i) => i), json: 1 }), "too_many_tags");
  assert.equal(counted(), 1); // the one that `elected` is of
  await assert.rejects(world.connect("ftp://127.0.0.1/"), { code: "bad_url" });
  await assert.rejects(elected.send(undefined), TypeError);
  a.close();
  assert.equal(await elected.send(1), "ended");
  assert.throws(() => a.states({ tag: 1 }), { code: "closed" });
  a.close();
  b.close();
  await world.stop(child);
  console.log("what cannot be is refused");
}
