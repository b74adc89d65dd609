// A page that was hidden, offline or asleep: says stale, and comes back by itself. What browsers fire is fired here.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { becomes, first, until } from "../world.mjs";

/** A way to the router that can go silent, as a network does. */
async function wire(port) {
  const sockets = new Set();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.add(from);
      from.on("data", (data) => silent || to.write(data));
      from.on("error", () => {}).on("close", () => (sockets.delete(from), silent || to.destroy()));
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: server.address().port,
    silence: (is) => (silent = is),
    count: () => sockets.size / 2,
    close: () => (server.close(), [...sockets].forEach((s) => s.destroy())),
  };
}

export default async function (world) {
  // What a page has and Node has not.
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  globalThis.document = document;
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.removeEventListener = window.removeEventListener.bind(window);

  const folder = await mkdtemp(`${tmpdir()}/mla-`);
  const configured = ["--config", `${folder}/router.toml`];
  await writeFile(configured[1], 'allowed_hosts = ["127.0.0.1"]\n'); // at any port: what is asked for is not where it listens
  const { child, url } = await world.router("ws://127.0.0.1:0", ...configured);
  const direct = await world.connect(url);
  const through = await wire(new URL(url).port);
  // Not a loopback name, as far as the page knows: networks come and go for it.
  const name = `ws://0.0.0.0:${through.port}`;
  const Socket = class extends world.WebSocket {
    constructor(to, protocol) {
      super(to.replace("0.0.0.0", "127.0.0.1"), protocol);
    }
  };
  const page = await world.connect(name, { WebSocket: Socket });
  await becomes(page, "linked");
  const seen = page.states({ tag: "t" });
  const other = direct.states({ tag: "t" }); // so that it goes on being needed
  const sink = await first(direct.expose({ tags: ["t"], json: 1 }), "an election");
  let n = 0;
  await sink.send(++n);
  const arrives = () => until(seen, `state ${n}`, ({ state }) => state?.synchronized && state.json() === n);
  await arrives();

  through.silence(true);
  window.dispatchEvent(new Event("offline"));
  assert.equal(page.status, "stale");
  await until(seen, "the state is stale", ({ state }) => state && !state.synchronized);
  through.silence(false);
  window.dispatchEvent(new Event("online"));
  await becomes(page, "linked");
  await sink.send(++n);
  await arrives();
  console.log("offline and online again");

  // The wall clock went on while ours stood still: the laptop slept, and its network has forgotten it without a word.
  through.silence(true);
  const really = Date.now;
  Date.now = () => really() + 3_600_000;
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(page.status, "linked"); // nobody looks
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(page.status, "stale");
  through.silence(false);
  await becomes(page, "linked");
  await sink.send(++n);
  await arrives();
  console.log("asleep and awake again");

  // Out of sight while it dials in vain: tried at once when somebody looks again.
  await world.stop(child, "SIGKILL");
  await becomes(page, "stale");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { child: again } = await world.router(url, ...configured);
  document.dispatchEvent(new Event("visibilitychange"));
  await becomes(page, "linked");
  console.log("back at once when it is looked at");

  const loopback = await world.connect(url, { name: "loopback" });
  await becomes(loopback, "linked");
  window.dispatchEvent(new Event("offline"));
  window.dispatchEvent(new Event("online"));
  assert.equal(loopback.status, "linked");
  console.log("who is reached by loopback is not disturbed");

  other.close();
  loopback.close();
  direct.close();
  page.close();
  through.close();
  await world.stop(again);
  await rm(folder, { recursive: true });
}
