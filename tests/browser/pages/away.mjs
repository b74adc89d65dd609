// A page in Chromium whose network goes, that stands still, that lies behind another, and that is duplicated.
import assert from "node:assert/strict";
import { args, Browser, configuration, serve } from "../browser.mjs";
import { holds } from "../world.mjs";

export default async function (world) {
  const site = await serve({ "/": `${world.root}/tests/browser/pages`, "/mla-exchange/": `${world.root}/wasm/package/dist` });
  // Not a loopback name: for such the network comes and goes.
  const { child, url, admin } = await world.router("ws://127.0.0.1:0", "--admin", "127.0.0.1:0", ...(await configuration(
    `allowed_origins = ["${site.origin}"]\nallowed_hosts = ["router.test", "127.0.0.1"]\n`)));
  const named = url.replace("127.0.0.1", "router.test");
  const browser = await Browser.launch(world.root, { args: [...args, "--host-resolver-rules=MAP router.test 127.0.0.1"] });
  const page = await browser.open(`${site.origin}/page.html`, /^WebSocket connection to .* failed/);
  await page.evaluate((to) => window.start(to, "page"), named);
  await page.evaluate(() => void window.observe({ tag: "board" }));
  const feed = world.start("mla", "--url", url, "expose", "clock", "--tag", "board", "--command", "date +1%N", "--every", "100ms");
  const statuses = () => page.evaluate(() => window.statuses);
  const clock = () => page.evaluate(() => window.seen['"clock"'] ?? {});
  const children = async () => (await (await fetch(`${admin}/varz`)).json()).links.length;
  const runs = async (what) => {
    await holds(`${what}: linked`, async () => (await statuses()).at(-1) === "linked");
    const { count = 0 } = await clock();
    await holds(`${what}: states go on`, async () => (await clock()).count > count + 2 && (await clock()).synchronized);
  };
  await runs("at first");

  // The network changes.
  await browser.context.setOffline(true);
  await holds("offline: stale", async () => (await statuses()).at(-1) === "stale");
  await holds("what is known is not synchronized", async () => !(await clock()).synchronized);
  await browser.context.setOffline(false);
  await runs("online again");
  assert.deepEqual(await statuses(), ["connecting", "linked", "stale", "linked"]);
  console.log("the network went: stale; it came back: linked");

  // It stands still, as all does on a machine that sleeps, until the router has missed three heartbeats: half a minute.
  await browser.signalPages("SIGSTOP");
  await holds("the router gives it up", async () => (await children()) === 1, 60_000);
  await browser.signalPages("SIGCONT");
  await runs("awake");
  assert.deepEqual((await statuses()).slice(4), ["stale", "linked"]);
  console.log("it stood still until the router gave it up: stale when it went on, then linked");

  // A tab that is duplicated has the same session storage, and is an exchange of its own.
  const thing = { tags: ["board"], json: "thing" };
  await page.evaluate((object) => void window.expose(object, { name: "page" }), thing);
  await page.evaluate((object) => void window.observe(object), thing);
  await holds("the page is elected", async () => (await page.evaluate(() => window.elected)) === 1);
  const opened = browser.context.waitForEvent("page");
  await page.evaluate(() => void window.open(location.href));
  const copy = await opened;
  await copy.waitForFunction(() => window.start);
  await copy.evaluate((to) => window.start(to, "page"), named);
  // Before it is linked it would be alone, and elect itself.
  await holds("the copy is linked", () => copy.evaluate(() => window.exchange.status === "linked"));
  await copy.evaluate((object) => void window.observe(object), thing);
  await copy.evaluate((object) => void window.expose(object, { name: "copy" }), thing);
  await holds("the copy sees what the page says", async () => (await copy.evaluate(() => window.seen['"thing"']?.value.by)) === "page");
  assert.equal(await copy.evaluate(() => window.elected), 0);
  // Now the first is hidden behind it, with its timers throttled; what comes still arrives.
  await runs("behind its copy");
  await page.close();
  await holds("the copy takes over", async () => (await copy.evaluate(() => window.seen['"thing"']?.value.by)) === "copy");
  assert.deepEqual(await copy.evaluate(() => window.statuses), ["connecting", "linked"]);
  console.log("a duplicated tab is an exchange of its own, and takes over");
  await browser.close();
  await world.stop(feed);
  await world.stop(child);
  site.close();
}
