// The example board, by `tools/run --board`, in two windows.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { Browser } from "../browser.mjs";
import { holds, soon } from "../world.mjs";

export default async function (world) {
  const lines = readFileSync(`${world.root}/docs/examples/board/index.html`, "utf8").split("\n").length - 1;
  assert(lines <= 100, `the example has ${lines} lines`);
  const run = spawn(`${world.root}/tools/run`, ["--board", "--bin", world.bin], { stdio: ["ignore", "pipe", "inherit"] });
  const browser = await Browser.launch(world.root, { viewport: { width: 700, height: 400 } });
  try {
    let address;
    let moved = 0; // what the terminal shows
    const told = (async () => {
      for await (const line of createInterface({ input: run.stdout })) {
        address ??= /board at (\S+)/.exec(line)?.[1];
        if (line.includes("star") && line.includes("hands")) ++moved;
      }
    })();
    await holds("the board's address", () => address);
    const one = await browser.open(address);
    const two = await browser.open(address);
    const at = (page, name) => page.locator(".thing", { hasText: name }).evaluate((thing) => [parseInt(thing.style.left), parseInt(thing.style.top), thing.classList.contains("mine")]);
    const same = async (name) => {
      const [[x, y], [u, v]] = [await at(one, name), await at(two, name)];
      return x === u && y === v && x > 0;
    };
    const drag = async (page, name, x, y) => {
      const box = await page.locator(".thing", { hasText: name }).boundingBox();
      await page.mouse.move(box.x + 30, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + 30 + x, box.y + 30 + y, { steps: 10 });
      await page.mouse.up();
    };
    for (const name of ["circle", "square", "star", "moon"]) await holds(`both show the ${name}`, () => same(name));
    const [x0, y0] = await at(one, "star");
    await drag(one, "star", 120, 80);
    const wanted = ([x, y], dx, dy) => x === x0 + dx && y === y0 + dy;
    await holds("the other sees the star move", async () => wanted(await at(two, "star"), 120, 80));
    await holds("the first holds it", async () => (await at(one, "star"))[2]);
    await drag(two, "star", -100, 50);
    await holds("the first sees the other move it", async () => wanted(await at(one, "star"), 20, 130));
    await holds("the other holds it now", async () => !(await at(one, "star"))[2] && (await at(two, "star"))[2]);
    await one.locator(".thing", { hasText: "moon" }).focus();
    const before = await at(two, "moon");
    for (let i = 0; i < 3; ++i) await one.keyboard.press("ArrowRight");
    await holds("the keyboard moves the moon", async () => (await at(two, "moon"))[0] === before[0] + 30);
    await browser.shot(one, "board");
    // Who held the star closes the window: it stays where it is.
    await two.close();
    await drag(one, "star", 0, -30);
    const three = await browser.open(address);
    await holds("a new window sees it where it was put last", async () => wanted(await at(three, "star"), 20, 100));
    await holds("the terminal shows it", () => moved > 5);
    await browser.close();
    run.kill("SIGINT");
    await soon(once(run, "exit"), "tools/run ends");
    await told;
  } finally {
    run.kill("SIGTERM");
  }
  console.log("things are moved in two windows, change hands, and stay when their holder goes");
}
