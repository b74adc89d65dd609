// What tests of the dashboard look at: a tree of 3 routers with 2 hosts and many objects, and how its long lists scroll.
import assert from "node:assert/strict";
import { connect, exposeAll } from "./node_client.mjs";
import { holds } from "./world.mjs";

const perLink = 5000;

/** Routers root, hall and cellar, `mla hostmon` alpha and beta below, producers at hall, an observer of all objects at cellar. */
export async function planted(world, many) {
  const top = await world.router("ws://127.0.0.1:0", "--admin", "127.0.0.1:0", "--name", "root");
  const hall = await world.router("ws://127.0.0.1:0", "--parent", top.url, "--name", "hall");
  const cellar = await world.router("ws://127.0.0.1:0", "--parent", top.url, "--name", "cellar");
  for (const [router, name] of [[hall, "alpha"], [cellar, "beta"]]) world.start("mla", "--url", router.url, "hostmon", "--name", name, "--interval", "300ms");
  const observer = world.start("mla", "--url", cellar.url, "--jsonl", "observe", "--tag", "many");
  const seen = new Set();
  void (async () => {
    for await (const line of observer.lines) if (seen.size < many) seen.add(JSON.parse(line).object?.json.sensor);
  })();
  const producers = [];
  for (let from = 0; from < many; from += perLink) {
    const producer = await connect(world.root, hall.url, { name: `producer ${producers.length}` });
    producers.push(producer);
    const count = Math.min(perLink, many - from);
    exposeAll(producer, Array.from({ length: count }, (_, n) => ({ tags: ["many"], json: { room: n % 100, sensor: from + n } })), ({ json }) => ({ value: json.sensor }));
  }
  void (async () => {
    for await (const sink of producers[0].expose({ tags: ["weather"], json: "garden" })) {
      let n = 0;
      const timer = setInterval(() => void sink.send({ temperature: 20 + 5 * Math.sin(++n / 10), sky: ["clear", "dry"], "wind/now": { speed: n % 7 } }), 100);
      sink.signal.addEventListener("abort", () => clearInterval(timer));
    }
  })();
  await holds("all objects are live", () => seen.size >= many, 120_000);
  return { top, producers };
}

/** Scrolls the list of `many` objects at its beginning and at its end: few rows in the DOM, little work, and what is in view gets there. */
export async function scrolls(page, many) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" }); // what it takes of a processor, whatever else runs on it
  const script = async () => (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "ScriptDuration").value * 1000;
  const list = page.locator(".list");
  const rows = () => page.locator(".at").count();
  const costs = [];
  const scroll = async (by) => {
    const before = await script();
    await list.evaluate((box, by) => new Promise((resolve) => ((box.scrollTop += by), requestAnimationFrame(() => requestAnimationFrame(resolve)))), by);
    costs.push((await script()) - before);
    assert((await rows()) <= 200);
  };
  const filled = (what) => holds(what, async () => (await rows()) > 20 && (await page.locator(".at.empty").count()) === 0, 60_000);
  for (let i = 0; i < 120; ++i) await scroll(400);
  await filled("later pages are fetched when they come into view");
  await list.evaluate((box) => (box.scrollTop = box.scrollHeight));
  await filled("so are all up to the end");
  const last = () => list.evaluate((box) => Math.round((box.scrollTop + box.clientHeight) / 32));
  await holds("the end is the last object's", async () => (await list.evaluate((box) => (box.scrollTop = box.scrollHeight), await last()), (await last()) >= many));
  for (let i = 0; i < 120; ++i) await scroll(-400);
  await filled("the rows before the last");
  costs.sort((a, b) => a - b);
  const p95 = costs[Math.floor(costs.length * 0.95)];
  console.log(`${many} objects: ${await rows()} rows in the DOM, a scroll costs ${costs[120].toFixed(2)} ms of scripting, p95 ${p95.toFixed(2)} ms`);
  assert(p95 <= 8);
}
