// The admin address takes the dashboard's own link at /link, and no page's but its own.
import assert from "node:assert/strict";
import { get } from "node:http";
import { once } from "node:events";
import { becomes, first, soon, until } from "../world.mjs";

export default async function (world) {
  const { WebSocket } = world.require("ws"); // which lets a test say what its Origin is
  const { child, url, admin } = await world.router("ws://127.0.0.1:0", "--admin", "127.0.0.1:0");
  const page = class extends WebSocket {
    constructor(to, protocol) {
      super(to, protocol, { origin: admin });
    }
  };
  const dashboard = await world.connect(`${admin}/link`, { WebSocket: page, name: "dashboard" });
  const leaf = await world.connect(url);
  await becomes(dashboard, "linked");
  const states = dashboard.states({ tag: "t" });
  const sink = await first(leaf.expose({ tags: ["t"], json: 1 }), "an election");
  const large = "x".repeat(500_000);
  await sink.send(large);
  assert.equal((await until(states, "a large state", ({ state }) => state)).state.json(), large);
  const node = await until(dashboard.states({ tag: { $mla: "node" } }), "the router's own object", ({ state }) => state);
  assert(node.state.json().links.some((link) => link.peer_name === "dashboard" && link.role === "child"));

  const answered = async (target, options, protocols = ["mla.v1"]) => {
    const socket = new WebSocket(target, protocols, options);
    socket.on("error", () => {});
    const [, response] = await soon(once(socket, "unexpected-response"), `${target} is refused`);
    response.resume();
    return response.statusCode;
  };
  const ws = admin.replace("http", "ws");
  assert.equal(await answered(`${ws}/link`, { origin: "http://evil.example" }), 403);
  assert.equal(await answered(`${ws}/link`, { origin: url.replace("ws", "http") }), 403); // another port is another origin
  assert.equal(await answered(`${ws}/link`, { origin: admin, headers: { Host: "evil.example" } }), 403);
  assert.equal(await answered(`${ws}/link`, { origin: admin }, ["other"]), 400);
  assert.equal(await answered(`${ws}/varz`, { origin: admin }), 200); // no WebSocket there
  const [plain] = await soon(once(get(`${admin}/link`), "response"), "an answer");
  plain.resume();
  assert.equal(plain.statusCode, 404);
  // It stays in order: more links come and go by the same way, pages are still served.
  for (let i = 0; i < 20; ++i) {
    const one = await world.connect(`${admin}/link`, { WebSocket: page });
    await becomes(one, "linked");
    one.close();
  }
  const [health] = await soon(once(get(`${admin}/healthz`, { agent: false }), "response"), "an answer");
  health.resume();
  assert.equal(health.statusCode, 200);
  dashboard.close();
  leaf.close();
  await world.stop(child);
  console.log("the admin address takes links of its own pages, and refuses others");
}
