// P12: the identity vectors, and a native process on the same awkward names.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { awkward } from "../awkward.mjs";
import { first, soon, until } from "../world.mjs";

async function vectors(world) {
  const internal = (name) => import(pathToFileURL(`${world.folder}/dist/${name}.js`));
  const { loadEngine } = await internal("wasm");
  const { Engine } = await internal("engine");
  const { toLines } = await internal("descriptor");
  const wasm = await loadEngine(await readFile(`${world.folder}/dist/mla_engine.wasm`));
  const engine = new Engine(wasm, "vectors", new Uint32Array(4).fill(7));
  const settings = { priority: 0, capacity: 1, limit: 0, takesOver: true, lingerMs: 0, minIntervalMs: 0 };
  let id = 0;
  let now = 0;
  /** What an exposer is told of an object that was named so, or the error's name. */
  const canonical = (lines) => {
    try {
      engine.open(++now, ++id, 1, lines, settings);
      engine.open(++now, ++id, 0, lines, settings);
    } catch (error) {
      return error.code;
    }
    engine.takeSink(id - 1);
    // The text itself: an object of JavaScript has an order of keys of its own.
    const [text, size] = new Uint32Array(wasm.memory.buffer, wasm.mla_record() + 56, 2);
    const name = Buffer.from(wasm.memory.buffer, text, size).toString();
    engine.drop(++now, id - 1);
    engine.drop(++now, id);
    return name;
  };
  const file = await readFile(new URL("../../unit/contracts/identity_vectors.jsonl", import.meta.url), "utf8");
  const counts = {};
  for (const line of file.trim().split("\n")) {
    const vector = JSON.parse(line);
    const { kind } = vector;
    if (kind === "comment" || vector.input_hex) continue; // a string of JavaScript cannot hold such bytes
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (kind === "refusal" || kind === "tags_refusal") {
      const lines = kind === "refusal" ? [vector.input] : [vector.json, ...vector.tags];
      if (lines.some((text) => text.includes("\n"))) continue; // never written by JSON.stringify()
      assert.equal(canonical(lines.join("\n")), vector.error, line);
      continue;
    }
    const value = kind === "tags" ? vector : { tags: [], json: vector.input };
    const lines = toLines({ tags: value.tags.map((tag) => JSON.parse(tag)), json: JSON.parse(value.json) }).lines;
    const name = canonical(lines);
    if (kind !== "tags" && Buffer.byteLength(`[[],${vector.canonical}]`) > 4096) {
      assert.equal(name, "descriptor_too_large"); // the value may be a name, but not of an object
      continue;
    }
    assert.equal(name, kind === "tags" ? vector.canonical : `[[],${vector.canonical}]`);
  }
  engine.free();
  assert(counts.number > 500 && counts.string > 200 && counts.refusal > 700 && counts.tags_refusal > 50);
  console.log(`identity vectors: ${JSON.stringify(counts)}`);
}

export default async function (world) {
  await vectors(world);
  const { child, url } = await world.router();
  const exchange = await world.connect(url);
  const names = awkward();
  assert.equal(names.length, 50);

  // They name, we expose: the command is told the name, and its output is the state.
  const native = world.start("mla", "--url", url, "expose", "--tag", "theirs", "--command", 'printf %s "$MLA_OBJECT"');
  for (const json of names) {
    const state = await soon(exchange.get({ tags: ["theirs"], json }, { timeout: 10_000 }), JSON.stringify(json));
    assert.deepEqual(state.json(), JSON.parse(JSON.stringify(json)));
  }
  await world.stop(native);
  console.log("50 names of JavaScript are those of a native process");

  const observer = world.start("mla", "--url", url, "--jsonl", "observe", "--tag", "ours");
  const seen = new Map();
  const sinks = names.map((json) => exchange.expose({ tags: ["ours"], json }));
  for (const offers of sinks) await (await first(offers, "an election")).send("here");
  while (seen.size < names.length) {
    const { event, object } = JSON.parse(await observer.line());
    if (event === "state") seen.set(JSON.stringify(object.json), object);
  }
  // One by one, by the text that the native process writes.
  for (const offers of sinks) offers.close();
  const ours = exchange.expose({ tag: "ours" });
  for (const [text] of seen) {
    const got = world.start("mla", "--url", url, "get", text, "--tag", "ours");
    const sink = await until(ours, text, ({ object }) => JSON.stringify(object.json) === text);
    await sink.send({ is: sink.object.json });
    assert.equal(await got.line(), JSON.stringify({ is: JSON.parse(text) }));
  }
  exchange.close();
  await world.stop(observer);
  await world.stop(child);
  console.log("50 names of a native process are those of JavaScript");
}
