// The engine's memory may grow in any call, and then every view of it is another.
import assert from "node:assert/strict";
import { becomes, first, until } from "../world.mjs";

export default async function (world) {
  const { instantiate } = WebAssembly;
  let grown = 0;
  WebAssembly.instantiate = async (...args) => {
    const { exports } = await instantiate(...args);
    const growing = (what) => (...given) => {
      if (grown < 20_000) exports.memory.grow(1), ++grown;
      const answer = what(...given);
      if (grown < 20_000) exports.memory.grow(1), ++grown;
      return answer;
    };
    return { exports: Object.fromEntries(Object.entries(exports).map(([name, what]) => [name, typeof what === "function" ? growing(what) : what])) };
  };
  const { child, url } = await world.router();
  const [one, two] = [await world.connect(url), await world.connect(url)];
  await becomes(one, "linked");
  const states = two.states({ tag: "t" });
  const sinks = one.expose({ tags: ["t"], json: "é" });
  const sink = await first(sinks, "an election");
  for (const value of ["a", { long: "ü".repeat(70_000) }, 3]) {
    assert.equal(await sink.send(value), "accepted");
    assert.deepEqual((await until(states, "the state", ({ state }) => state)).state.json(), value);
  }
  assert.equal(await sink.send(new Uint8Array([1, 2]), { format: ["CBOR"], version: [1000n, 5n] }), "accepted");
  const { state } = await until(states, "bytes", (event) => event.state);
  assert.deepEqual([[...state.bytes], state.format, state.version], [[1, 2], ["CBOR"], [1000n, 5n]]);
  assert.deepEqual([...sink.current.bytes], [1, 2]);
  sink.decline("no more");
  assert.equal((await two.get({ tags: ["t"], json: "none" }, { timeout: 200 }).catch((error) => error)).code, "unexposed");
  assert(grown > 100);
  one.close();
  two.close();
  await world.stop(child);
  console.log(`all goes on while the memory grows, ${grown} times`);
}
