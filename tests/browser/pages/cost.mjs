// What a page spends on 1 000 objects of 200 B at 10 updates a second each; and what on as many messages of a plain WebSocket.
//
// MLA_SECONDS: how long each of the 5 rounds takes.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Browser, configuration, serve } from "../browser.mjs";
import { connect } from "../node_client.mjs";
import { holds } from "../world.mjs";

const objects = 1000;
const perSecond = 10;
const seconds = Number(process.env.MLA_SECONDS ?? 4);

export default async function (world) {
  const site = await serve({ "/": `${world.root}/tests/browser/pages`, "/built/": `${world.root}/wasm/built` });
  const { child, url } = await world.router("ws://127.0.0.1:0", ...(await configuration(`allowed_origins = ["${site.origin}"]\n`)));
  const value = (n, turn) => ({ n, turn, at: Date.now(), text: "x".repeat(200 - `{"n":${n},"turn":${turn},"at":1234567890123,"text":""}`.length) });
  assert.equal(JSON.stringify(value(17, 4)).length, 200);

  // A tenth of the objects every 10 ms: they come evenly.
  const producer = await connect(world.root, url, { name: "producer" });
  const sinks = new Map();
  const { WebSocketServer } = createRequire(`${world.root}/wasm/package/package.json`)("ws");
  const plain = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  for (let n = 0; n < objects; ++n)
    void (async () => {
      for await (const sink of producer.expose({ tags: ["load"], json: n })) sinks.set(n, sink);
    })();
  const ticks = 10;
  let turn = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    for (; turn < ((performance.now() - began) / 1000) * perSecond * ticks; ++turn)
      for (let n = turn % ticks; n < objects; n += ticks) {
        const sink = sinks.get(n);
        if (sink && !sink.signal.aborted) void sink.send(value(n, turn));
        for (const client of plain.clients) client.send(JSON.stringify(value(n, turn)));
      }
  }, 2);

  const measure = async (what, start) => {
    const browser = await Browser.launch(world.root);
    const page = await browser.open(`${site.origin}/cost.html`);
    await page.evaluate(start[0], start[1]);
    await holds("states flow", async () => (await page.evaluate(() => window.count)) > 2 * objects);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    const look = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      const count = await page.evaluate(() => window.count);
      return { at: metrics.find((m) => m.name === "Timestamp").value, busy: metrics.find((m) => m.name === "TaskDuration").value, count };
    };
    const shares = [];
    const rates = [];
    for (let round = 0; round < 5; ++round) {
      const before = await look();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const after = await look();
      const rate = (after.count - before.count) / (after.at - before.at);
      // Where the machine is busy the producer may fall behind: what came is made up to what was asked.
      assert(rate > 0.5 * objects * perSecond, `${what}: only ${rate.toFixed(0)} states a second`);
      rates.push(Math.round(rate));
      shares.push(((100 * (after.busy - before.busy)) / (after.at - before.at)) * Math.max(1, (objects * perSecond) / rate));
    }
    shares.sort((a, b) => a - b);
    console.log(`${what}: median ${shares[2].toFixed(1)} % of one core (${shares.map((s) => s.toFixed(1)).join(", ")}), for ${objects * perSecond} states a second (there were ${rates.join(", ")}), 5 rounds of ${seconds} s`);
    await browser.close();
    return shares[2];
  };
  const ours = await measure("mla-exchange", [(to) => void window.byMla(to), url]);
  await measure("a plain WebSocket with JSON.parse", [(to) => window.byHand(to), `ws://127.0.0.1:${plain.address().port}`]);
  assert(ours < 30);
  clearInterval(timer);
  producer.close();
  plain.close();
  site.close();
  await world.stop(child);
}
