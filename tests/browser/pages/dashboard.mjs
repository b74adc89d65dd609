// The dashboard of a router against 3 routers, 2 hosts and 10 000 objects.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { Browser } from "../browser.mjs";
import { planted, scrolls } from "../planted.mjs";
import { holds } from "../world.mjs";

const many = 10_000;
const sensor = /^\{"room":\d+,"sensor":\d+\}$/;
const garden = `#/object/${encodeURIComponent(JSON.stringify([["weather"], "garden"]))}`;

export default async function (world) {
  const { producers, ...made } = await planted(world, many);
  let { top } = made;
  const browser = await Browser.launch(world.root, { viewport: { width: 1200, height: 800 } });
  const page = await browser.open(`${top.admin}/`, /^WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/);
  const shows = (what) => page.getByText(what).first().waitFor();
  const go = async (hash, what) => {
    await page.evaluate((to) => (location.hash = to), hash);
    await shows(what);
  };

  // The tree: routers, their leaves, round trips.
  await shows("mla hostmon beta");
  for (const name of ["root", "hall", "cellar", "mla hostmon alpha", "producer 0", "mla observe", "dashboard"]) await shows(name);
  await holds("round trips of links", async () => (await page.locator("tbody tr").filter({ hasText: /\d (µs|ms)/ }).count()) >= 4, 60_000);
  await browser.shot(page, "dashboard-tree");

  // Objects: pages of 500, few rows in the DOM, little work for a scroll.
  await go("#/objects", new RegExp(`^${many + 11}$`));
  await shows(sensor);
  await browser.shot(page, "dashboard-objects");
  await scrolls(page, many);
  const rows = () => page.locator(".at").count();
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
    for (const [hash, what] of [["#/tree", "root"], ["#/objects", sensor], ["#/tags", "many"], ["#/hosts", "beta"], [garden, "temperature"]]) {
      await go(hash, what);
      if (hash === garden) {
        await page.getByRole("button", { name: /^temperature .*plot$/ }).click();
        await page.locator(".plot canvas").waitFor();
      }
      await page.evaluate(axe);
      const serious = await page.evaluate(async () => (await window.axe.run(document)).violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0].html}`));
      assert.deepEqual(serious, [], `${hash}, ${scheme}, ${width} px`);
      assert((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${hash} is wider than ${width} px`);
      const cut = await page.locator(".row > span:visible").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText));
      assert.deepEqual(cut, [], `${hash}: words that are cut at ${width} px`);
      const boxes = await page.locator("header > *").evaluateAll((all) => all.map((one) => one.getBoundingClientRect()));
      assert(Math.max(...boxes.map((b) => b.top)) < Math.min(...boxes.map((b) => b.bottom)), `the header is one line at ${width} px`);
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
  await page.locator("input[type=search]").waitFor();
  await tabTo("the search", () => document.activeElement.type === "search");
  await page.keyboard.type("garden");
  await holds("the garden is found", async () => (await rows()) <= 1);
  await go("#/objects", /./);
  await go(garden, "temperature");
  await page.locator(".number").first().waitFor();
  await tabTo("a number", () => document.activeElement.classList.contains("number"));
  await page.keyboard.press("Enter");
  await page.locator(".plot canvas").waitFor();

  // The router goes and comes back, under the same addresses.
  await world.stop(top.child, "SIGKILL");
  await page.getByRole("alert").getByText(/The router is gone/).waitFor();
  await shows(/^stale since/);
  const lines = await page.locator(".history li code").allInnerTexts();
  assert.notEqual(lines[0], lines[1], "what only turned stale is no line of the history");
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
  for (const exchange of producers) exchange.close();
}
