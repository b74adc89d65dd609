// Two pages and a native process share objects through a router that restarts under the open pages.
import assert from "node:assert/strict";
import { Browser, configuration, serve } from "../browser.mjs";
import { awkward } from "../awkward.mjs";
import { holds } from "../world.mjs";

export default async function (world) {
  const site = await serve({ "/": `${world.root}/tests/browser/pages`, "/mla-exchange/": `${world.root}/wasm/package/dist` });
  const allow = await configuration(`allowed_origins = ["${site.origin}"]\n`);
  let { child, url } = await world.router("ws://127.0.0.1:0", ...allow);
  const browser = await Browser.launch(world.root);
  // While the router is away Chromium itself writes that a WebSocket could not be opened.
  const away = /^WebSocket connection to .* failed/;
  const one = await browser.open(`${site.origin}/page.html`, away);
  const two = await browser.open(`${site.origin}/page.html`, away);
  for (const [page, name] of [[one, "one"], [two, "two"]]) await page.evaluate(([to, by]) => window.start(to, by), [url, name]);
  const value = (page, name) => page.evaluate((key) => window.seen[key] ?? {}, JSON.stringify(name));

  // A native process exposes, pages observe.
  const native = world.start("mla", "--url", url, "expose", "native", "--tag", "board", "--value", "7");
  for (const page of [one, two]) await page.evaluate(() => void window.observe({ tag: "board" }));
  for (const page of [one, two]) await holds("the page sees the native state", async () => (await value(page, "native")).value === 7);

  // A page exposes, a native process and the other page observe; it is closed, and the other page takes over.
  const shared = { tags: ["board"], json: "shared" };
  await one.evaluate((object) => void window.expose(object, { priority: 1, name: "one" }), shared);
  await two.evaluate((object) => void window.expose(object, { name: "two" }), shared);
  const observer = world.start("mla", "--url", url, "--jsonl", "observe", "shared", "--tag", "board");
  const seenBy = async (by) => {
    for (;;) {
      const { event, data } = JSON.parse(await observer.line(`a state by ${by}`));
      if (event === "state" && data.by === by) return data;
    }
  };
  await seenBy("one");
  await holds("the other page sees it", async () => (await value(two, "shared")).value?.by === "one");
  assert.equal(await two.evaluate(() => window.elected), 0);
  const began = performance.now();
  await one.close();
  await seenBy("two");
  console.log(`the exposing page closed; the other's first state after ${Math.round(performance.now() - began)} ms`);
  assert.equal(await two.evaluate(() => window.elected), 1);

  // Both meet on awkward names: the page names, the native process is told the name and gives it back.
  const echo = world.start("mla", "--url", url, "expose", "--tag", "echo", "--command", 'printf %s "$MLA_OBJECT"');
  const wrong = await two.evaluate(async (source) => {
    const names = new Function(`return (${source})()`)();
    const bad = [];
    const sorted = (value) =>
      JSON.stringify(value, (_, part) => (part && typeof part === "object" && !Array.isArray(part) ? Object.entries(part).sort() : part));
    for (const json of names) {
      const state = await window.exchange.get({ tags: ["echo"], json }, { timeout: 10_000 });
      if (sorted(state.json()) !== sorted(json)) bad.push(json);
    }
    return [names.length, bad];
  }, awkward.toString());
  assert.deepEqual(wrong, [50, []]);
  await world.stop(echo);
  console.log("the page and a native process meet on 50 awkward names");

  // The router restarts under the open page.
  await world.stop(child, "SIGKILL");
  await holds("the page says stale", async () => (await two.evaluate(() => window.exchange.status)) === "stale");
  await holds("what it holds is not synchronized", async () => !(await value(two, "native")).synchronized);
  ({ child } = await world.router(url, ...allow));
  await holds("the page is linked again", async () => (await two.evaluate(() => window.exchange.status)) === "linked");
  await holds("the native state is fresh again", async () => (await value(two, "native")).synchronized === true);
  await seenBy("two");
  assert.deepEqual(await two.evaluate(() => window.statuses), ["connecting", "linked", "stale", "linked"]);
  console.log("the router restarted under an open page: stale, then linked, states go on");

  // A page that may not: its origin is not listed.
  const other = await serve({ "/": `${world.root}/tests/browser/pages`, "/mla-exchange/": `${world.root}/wasm/package/dist` });
  const foreign = await browser.open(`${other.origin}/page.html`, away);
  await foreign.evaluate((to) => window.start(to, "foreign"), url);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await foreign.evaluate(() => window.exchange.status), "connecting");

  // Contracts and the exchange end with the page, and the native exposer with its process.
  await world.stop(native);
  await holds("the native object ends", async () => (await value(two, "native")).ended === "gone");
  await browser.close();
  await world.stop(observer);
  await world.stop(child);
  site.close();
  other.close();
}
