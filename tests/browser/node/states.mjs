// States between JavaScript and native processes, by a real router that goes and comes back.
import assert from "node:assert/strict";
import { once } from "node:events";
import { becomes, first, soon, until } from "../world.mjs";

export default async function (world) {
  let { child, url } = await world.router();
  const producer = await world.connect(url, { name: "producer" });
  const reader = await world.connect(url, { name: "reader" });
  assert.equal(reader.status, "connecting");

  const offers = producer.expose({ tags: ["demo"], json: { unit: "C", at: 0.1 } }, { capacity: 4 });
  const seen = reader.states({ tag: "demo" });
  let sink = await first(offers, "an election");
  assert.deepEqual(sink.object, { tags: ["demo"], json: { at: 0.1, unit: "C" } });
  assert.equal(sink.current, null);
  assert.equal(await soon(sink.send({ c: 21 }), "an answer"), "accepted");
  const one = await until(seen, "the first state", ({ state }) => state);
  assert.deepEqual(one.object, sink.object);
  assert.deepEqual(one.state.json(), { c: 21 });
  assert.deepEqual(one.state.format, ["JSON"]);
  assert.equal(one.state.synchronized, true);
  assert.equal(one.state.ageMs, 0);
  assert.equal(one.state.skipped, 0);
  assert(one.state.epoch > 0n && one.state.version[0] === one.state.epoch);
  assert.equal(await soon(sink.send({ c: 22 }), "an answer"), "accepted");
  assert.deepEqual(sink.current.json(), { c: 22 });
  const two = await until(seen, "the second state", ({ state }) => state?.json().c === 22);
  assert(two.state.version[1] > one.state.version[1]);
  const got = world.start("mla", "--url", url, "get", '{ "unit":"C", "at":1e-1 }', "--tag", "demo");
  assert.deepEqual(JSON.parse(await got.line()), { c: 22 }); // P12: one name in both
  console.log("states go from JavaScript to JavaScript and to mla");

  // Faster than anybody takes them: the newest arrives, and how many were left out is known.
  for (let i = 0; i < 500; ++i) void sink.send({ i });
  let skipped = 0;
  let taken = 0;
  await until(seen, "the last of 500", ({ state }) => ((skipped += state.skipped), ++taken, state.json().i === 499));
  assert.equal(skipped + taken, 500);
  assert(taken < 500);
  console.log(`500 states in one go: ${taken} taken, ${skipped} skipped`);

  const native = world.start("mla", "--url", url, "expose", "native", "--tag", "demo", "--value", JSON.stringify("n"));
  const theirs = await until(seen, "a native state", ({ object }) => object.json === "native");
  assert.equal(theirs.state.json(), "n");
  await world.stop(native);
  const { ended } = await until(seen, "the native object ends", ({ object, ended }) => object.json === "native" && ended);
  assert.equal(ended, "gone");
  const large = "x".repeat(300_000);
  assert.equal(await soon(sink.send({ large }), "an answer"), "accepted");
  await until(seen, "a large state", ({ state }) => state?.json().large === large);
  await assert.rejects(sink.send("x".repeat(1 << 20)), { code: "state_too_large" });
  const raw = Uint8Array.from({ length: 256 }, (_, i) => i);
  await sink.send(raw, { format: ["CBOR", "ZSTD"] });
  const bytes = await until(seen, "bytes", ({ state }) => state?.format[0] === "CBOR");
  assert.deepEqual([...bytes.state.bytes], [...raw]);
  assert.deepEqual(bytes.state.format, ["CBOR", "ZSTD"]);
  assert.throws(() => bytes.state.json(), TypeError);
  // What is called text, and is it or not: its bytes are those that were sent.
  for (const [sent, text] of [["\"ü😀\"", "\"ü😀\""], [[0x22, 0xff, 0xc3, 0x22], "\"\ufffd\ufffd\""], [[0xef, 0xbb, 0xbf, 0x31], "1"], [[], ""]]) {
    const data = typeof sent === "string" ? new TextEncoder().encode(sent) : Uint8Array.from(sent);
    await sink.send(data, { format: ["JSON"] });
    const { state } = await until(seen, `the bytes ${data}`, ({ state }) => state && state.format[0] === "JSON");
    assert.deepEqual([state.text(), [...state.bytes], state.text()], [text, [...data], text]);
  }
  await sink.send(raw, { format: ["CBOR", "ZSTD"] });
  await until(seen, "bytes again", ({ state }) => state?.format[0] === "CBOR");
  await assert.rejects(sink.send(raw, { format: ["lower"] }), { code: "bad_format" });
  console.log("a native exposer comes and goes; 300 kB arrive in pieces; bytes arrive as they are, text or not");

  const told = [];
  reader.addEventListener("status", ({ status, code }) => told.push([status, code]));
  await world.stop(child, "SIGKILL");
  await becomes(reader, "stale");
  const stale = await until(seen, "the state is stale", ({ state }) => state && !state.synchronized);
  assert.deepEqual(stale.state.format, ["CBOR", "ZSTD"]);
  ({ child } = await world.router(url));
  if (!sink.signal.aborted) await soon(once(sink.signal, "abort"), "alone, nobody observes");
  assert.equal(sink.signal.reason, "unobserved");
  sink = await first(offers, "an election by the new router");
  assert.equal(await soon(sink.send({ c: 23 }), "an answer"), "accepted");
  await until(seen, "a state by the new router", ({ state }) => state?.synchronized && state.json().c === 23);
  assert.deepEqual(told, [["stale", "link_lost"], ["linked", null]]);
  console.log("a router that comes back is found again");

  await seen.return();
  if (!sink.signal.aborted) await soon(once(sink.signal, "abort"), "the sink ends");
  assert.equal(sink.signal.reason, "unobserved");
  assert.equal(await sink.send({}), "ended");
  producer.close();
  reader.close();
  assert.equal(reader.status, "closed");
  assert.equal((await offers.next()).done, true);
  await world.stop(child);
  console.log("a sink ends when nobody observes");
}
