// The dashboard of a router against 3 routers, 2 hosts and 10 000 objects.
//
// MLA_MANY: another number of objects.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { Browser } from "../browser.mjs";
import { connect, exposeAll } from "../node_client.mjs";
import { holds } from "../world.mjs";

const many = Number(process.env.MLA_MANY ?? 10_000);
const perLink = 5000;
const garden = `#/object/${encodeURIComponent(JSON.stringify([["weather"], "garden"]))}`;

export default async function (world) {
  let top = await world.router("ws://127.0.0.1:0", "--admin", "127.0.0.1:0", "--name", "root");
  const hall = await world.router("ws://127.0.0.1:0", "--parent", top.url, "--name", "hall");
  const cellar = await world.router("ws://127.0.0.1:0", "--parent", top.url, "--name", "cellar");
  for (const [router, name] of [[hall, "alpha"], [cellar, "beta"]]) world.start("mla", "--url", router.url, "hostmon", "--name", name, "--interval", "300ms");
  const observer = await connect(world.root, cellar.url, { name: "observer" });
  const seen = new Set();
  void (async () => {
    for await (const { object } of observer.states({ tag: "many" })) seen.add(object.json.sensor);
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
  await holds("all objects are live", () => seen.size === many, 120_000);

  const browser = await Browser.launch(world.root, { viewport: { width: 1200, height: 800 } });
  const page = await browser.open(`${top.admin}/`, /^WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/);
  const shows = (what) => page.getByText(what).first().waitFor();
  const go = async (hash, what) => {
    await page.evaluate((to) => (location.hash = to), hash);
    await shows(what);
  };

  // The tree: routers, their leaves, round trips.
  await shows("mla hostmon beta");
  for (const name of ["root", "hall", "cellar", "mla hostmon alpha", "producer 0", "observer", "dashboard"]) await shows(name);
  await holds("round trips of links", async () => (await page.locator("tbody tr").filter({ hasText: /\d (µs|ms)/ }).count()) >= 4, 60_000);
  await browser.shot(page, "dashboard-tree");

  // Objects: pages of 500, few rows in the DOM, little work for a scroll.
  await go("#/objects", new RegExp(`^${many + 11}$`));
  await shows('{"room":7,"sensor":7}');
  await browser.shot(page, "dashboard-objects");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  const script = async () => (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "ScriptDuration").value * 1000;
  const rows = () => page.locator(".at").count();
  const costs = [];
  for (let i = 0; i < 120; ++i) {
    const before = await script();
    await page.locator(".list").evaluate((list) => new Promise((resolve) => ((list.scrollTop += 400), requestAnimationFrame(() => requestAnimationFrame(resolve)))));
    costs.push((await script()) - before);
    assert((await rows()) <= 200);
  }
  costs.sort((a, b) => a - b);
  const p95 = costs[Math.floor(costs.length * 0.95)];
  console.log(`${many} objects: ${await rows()} rows in the DOM, a scroll costs ${costs[60].toFixed(2)} ms of scripting, p95 ${p95.toFixed(2)} ms`);
  assert(p95 <= 8);
  await holds("later pages are fetched when they come into view", async () => /"sensor":1[45]\d\d\}/.test(await page.locator(".list").innerText()));
  // Search is the root's.
  await page.getByRole("searchbox").fill('"sensor":4321}');
  await holds("one is found", async () => (await rows()) === 1 && (await page.locator(".row").innerText()).includes("4321"));
  await page.locator(".row").click();
  await shows(/Elected: hall/);
  await shows("4321");

  // An object: live value, why, plots by one click.
  await go(garden, "temperature");
  await shows(/Further down, at hall/);
  await shows(/Elected: producer 0/);
  const number = page.getByRole("button", { name: /^temperature .*plot$/ });
  const shown = await number.innerText();
  await holds("the value is live", async () => (await number.innerText()) !== shown);
  await number.click();
  await page.locator(".plot canvas").waitFor();
  await page.getByRole("button", { name: /^speed/ }).click();
  await holds("two plots", async () => (await page.locator(".plot canvas").count()) === 2);
  await holds("a history", async () => (await page.locator(".history li").count()) > 10);
  await browser.shot(page, "dashboard-object");

  // Hosts, and what leaves with them: the link carries what is shown.
  await go("#/hosts", "alpha");
  for (const host of ["alpha", "beta"]) await page.getByRole("article", { name: host }).getByText(/processes/).waitFor();
  await browser.shot(page, "dashboard-hosts");
  await go("#/tags", "many");
  const row = (name) => page.locator(".row").filter({ hasText: new RegExp(`^${name}`) }).innerText();
  await holds("nobody observes the hosts any more", async () => /0 observing/.test(await row("host")), 20_000);

  // Light and dark, wide and narrow: nothing serious for axe, nothing wider than the screen.
  const axe = readFileSync(createRequire(`${world.root}/router/dashboard/package.json`).resolve("axe-core/axe.min.js"), "utf8");
  for (const [scheme, width] of [["light", 1200], ["dark", 1200], ["light", 360], ["dark", 360]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 740 });
    for (const [hash, what] of [["#/tree", "cellar"], ["#/objects", '{"room":3,"sensor":3}'], ["#/tags", "many"], ["#/hosts", "beta"], [garden, "temperature"]]) {
      await go(hash, what);
      if (hash === garden) {
        await page.getByRole("button", { name: /^temperature .*plot$/ }).click();
        await page.locator(".plot canvas").waitFor();
      }
      await page.evaluate(axe);
      const serious = await page.evaluate(async () => (await window.axe.run(document)).violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0].html}`));
      assert.deepEqual(serious, [], `${hash}, ${scheme}, ${width} px`);
      assert((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${hash} is wider than ${width} px`);
      if (width === 360 || scheme === "dark") await browser.shot(page, `dashboard-${hash.split("/")[1]}-${scheme}-${width}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1200, height: 800 });

  // The keyboard alone: from the top to an object and a plot.
  await go("#/tree", "cellar");
  await page.evaluate(() => document.activeElement?.blur());
  const tabTo = async (what, fits) => {
    for (let i = 0; i < 40; ++i) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(fits)) return assert(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"), `${what}: the focus is seen`);
    }
    assert.fail(`no way to ${what} by the keyboard`);
  };
  await tabTo("the objects", () => document.activeElement.textContent === "Objects");
  await page.keyboard.press("Enter");
  await tabTo("the search", () => document.activeElement.type === "search");
  await page.keyboard.type("garden");
  await holds("the garden is found", async () => (await rows()) <= 1);
  await go("#/objects", /./);
  await go(garden, "temperature");
  await tabTo("a number", () => document.activeElement.classList.contains("number"));
  await page.keyboard.press("Enter");
  await page.locator(".plot canvas").waitFor();

  // The router goes and comes back, under the same addresses.
  await world.stop(top.child, "SIGKILL");
  await page.getByRole("alert").getByText(/The router is gone/).waitFor();
  await browser.shot(page, "dashboard-gone");
  top = await world.router(top.url, "--admin", top.admin.replace("http://", ""), "--name", "root");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await holds("the value is live again", async () => {
    const one = await number.innerText();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await number.innerText()) !== one;
  });
  await go("#/tree", "mla hostmon beta");

  const elsewhere = page.requests.filter((url) => !url.startsWith(`${top.admin}/`));
  assert.deepEqual(elsewhere, [], "no request leaves the router's origin");
  const { headers } = await fetch(`${top.admin}/`);
  assert.equal(headers.get("content-security-policy"), "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:");
  await browser.close();
  for (const exchange of [observer, ...producers]) exchange.close();
}
