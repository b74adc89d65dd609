// A socket that does not get rid of what it was given: what it has not sent is bounded, and the newest states go when it has.
import assert from "node:assert/strict";
import { becomes, first, holds } from "../world.mjs";

const unsentAtMost = 300_000; // 256 KiB, and the last frame may be more than what was free

export default async function (world) {
  const { child, url } = await world.router();
  let stuck = false;
  let waiting = [];
  let unsent = 0;
  let most = 0;
  const Slow = class extends world.WebSocket {
    send(bytes) {
      if (!stuck) return super.send(bytes);
      waiting.push(Uint8Array.from(bytes));
      most = Math.max(most, (unsent += bytes.length));
    }
    get bufferedAmount() {
      return stuck ? unsent : 0;
    }
    release() {
      stuck = false;
      for (const bytes of waiting) super.send(bytes);
      waiting = [];
      unsent = 0;
    }
  };
  let socket;
  const producer = await world.connect(url, { WebSocket: function (...args) { return (socket = new Slow(...args)); } });
  const reader = await world.connect(url);
  await becomes(producer, "linked");
  const seen = new Map();
  void (async () => {
    for await (const { object, state } of reader.states({ tag: "t" })) if (state) seen.set(object.json, state.json());
  })();
  const sinks = [];
  for (let n = 0; n < 100; ++n) sinks.push(await first(producer.expose({ tags: ["t"], json: n }), "an election"));
  const send = async (turn) => {
    for (const sink of sinks) void sink.send({ turn, text: `${turn}`.repeat(5000) });
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  stuck = true;
  for (let turn = 0; turn < 20; ++turn) await send(turn);
  assert(unsent > 100_000 && most < unsentAtMost, `${most} bytes waited in the socket`);
  socket.release();
  await send(20);
  await holds("the newest of all arrive", () => [...Array(100).keys()].every((n) => seen.get(n)?.turn === 20));
  producer.close();
  reader.close();
  await world.stop(child);
  console.log(`of 20 × 100 states of 5 to 10 kB at most ${most} bytes waited in a socket that stood still; then came the newest`);
}
