// What a page spends on 1 000 objects of 200 B at 10 updates a second each; and what on the same bytes by a plain WebSocket.
//
// MLA_SECONDS: how long each of the 5 rounds takes. MLA_BAR: how much of one core is allowed, in percent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { Browser, configuration, serve } from "../browser.mjs";
import { connect } from "../node_client.mjs";
import { holds } from "../world.mjs";

const objects = 1000;
const perSecond = 10;
const seconds = Number(process.env.MLA_SECONDS ?? 20);
const bar = Number(process.env.MLA_BAR ?? 30);

/** Sends texts to who asked at /each, each in a message of its own, and at /arrays, all in one. */
async function plainServer(world) {
  const { WebSocketServer } = createRequire(`${world.root}/wasm/package/package.json`)("ws");
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  const clients = new Map();
  server.on("connection", (client, { url, socket }) => (clients.set(client, { url, socket }), client.once("close", () => clients.delete(client))));
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    busy: () => clients.size > 0,
    send(texts) {
      for (const [client, { url, socket }] of clients) {
        socket.cork(); // what is sent at once leaves in one write
        for (const text of url === "/each" ? texts : [`[${texts}]`]) client.send(text);
        socket.uncork();
      }
    },
    close: () => server.close(),
  };
}

export default async function (world) {
  const site = await serve({ "/": `${world.root}/tests/browser/pages`, "/built/": `${world.root}/wasm/built` });
  const { child, url } = await world.router("ws://127.0.0.1:0", ...(await configuration(`allowed_origins = ["${site.origin}"]\n`)));
  const value = (n, turn) => ({ n, turn, at: Date.now(), text: "x".repeat(200 - `{"n":${n},"turn":${turn},"at":1234567890123,"text":""}`.length) });
  assert.equal(JSON.stringify(value(17, 4)).length, 200);

  // A tenth of the objects every 10 ms: they come evenly.
  const producer = await connect(world.root, url, { name: "producer" });
  const sinks = new Map();
  const plain = await plainServer(world);
  for (let n = 0; n < objects; ++n)
    void (async () => {
      for await (const sink of producer.expose({ tags: ["load"], json: n })) sinks.set(n, sink);
    })();
  const ticks = 10;
  let turn = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    for (; turn < ((performance.now() - began) / 1000) * perSecond * ticks; ++turn) {
      const texts = [];
      for (let n = turn % ticks; n < objects; n += ticks) {
        const sink = sinks.get(n);
        if (sink && !sink.signal.aborted) void sink.send(value(n, turn));
        if (plain.busy()) texts.push(JSON.stringify(value(n, turn)));
      }
      plain.send(texts);
    }
  }, 2);

  const byHand = (to) => window.byHand(to);
  const kinds = [
    { what: "mla-exchange", start: (to) => void window.byMla(to), to: url, rounds: [], most: 5 },
    { what: "a plain WebSocket with JSON.parse, a message for each", start: byHand, to: `${plain.url}/each`, rounds: [], most: 5 },
    { what: "the same, a hundred in an array", start: byHand, to: `${plain.url}/arrays`, rounds: [], most: 1 },
  ];
  const browser = await Browser.launch(world.root);
  const round = async ({ what, start, to, rounds }) => {
    const page = await browser.open(`${site.origin}/cost.html`);
    await page.evaluate(start, to);
    await holds("states flow, and the code is warm", async () => (await page.evaluate(() => window.count)) > perSecond * objects);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    const look = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      const count = await page.evaluate(() => window.count);
      return { at: metrics.find((m) => m.name === "Timestamp").value, busy: metrics.find((m) => m.name === "TaskDuration").value, count };
    };
    const before = await look();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const after = await look();
    await page.close();
    const rate = (after.count - before.count) / (after.at - before.at);
    // What does not come, since the machine is busy, is made up for.
    const share = ((100 * (after.busy - before.busy)) / (after.at - before.at)) * Math.max(1, (objects * perSecond) / rate);
    rounds.push({ share, rate: Math.round(rate) });
  };
  // In turn, so that what else the machine does meets both; one page at a time, since nobody produces for one that is closed.
  for (let i = 0; i < 5; ++i) for (const kind of kinds) if (i < kind.most) await round(kind);
  const [ours] = kinds.map(({ what, rounds }) => {
    rounds.sort((a, b) => a.share - b.share);
    const median = rounds[(rounds.length - 1) / 2];
    const all = rounds.map(({ share, rate }) => `${share.toFixed(1)} % at ${rate}/s`).join(", ");
    console.log(`${what}: median ${median.share.toFixed(1)} % of one core, for ${objects * perSecond} states a second, ${rounds.length} × ${seconds} s (${all})`);
    return median;
  });
  await browser.close();
  assert(ours.rate > 0.8 * objects * perSecond, "enough came to judge by");
  assert(ours.share < bar, `at most ${bar} % of one core`);
  clearInterval(timer);
  producer.close();
  plain.close();
  site.close();
  await world.stop(child);
}
