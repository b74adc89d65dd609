// Debian's Chromium, and a server for what the pages load. What a page writes to its console as an error fails the test.
import assert from "node:assert/strict";
import { readFile, readdir, mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, normalize } from "node:path";

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".svg": "image/svg+xml" };
export const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Serves folders, given as { "/prefix/": folder }. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const prefix = Object.keys(folders).sort((a, b) => b.length - a.length).find((one) => path.startsWith(one));
    try {
      const body = await readFile(`${folders[prefix]}/${path.slice(prefix.length)}`);
      response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) };
}

export class Browser {
  #problems = [];
  static async launch(root, options = {}) {
    const self = new Browser();
    const { chromium } = createRequire(`${root}/router/dashboard/package.json`)("playwright-core");
    self.profile = await mkdtemp(`${tmpdir()}/mla-chromium-`);
    self.context = await chromium.launchPersistentContext(self.profile, { executablePath: "/usr/bin/chromium", headless: true, args, ...options });
    self.context.setDefaultTimeout(15_000);
    self.shots = `${root}/build/screenshots`;
    await mkdir(self.shots, { recursive: true });
    return self;
  }
  /** @param tolerated what this page may say: a connection that is refused while the router is away is told by Chromium itself */
  async open(url, tolerated = /$^/) {
    const page = await this.context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" && !tolerated.test(message.text())) this.#problems.push(`${url}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#problems.push(`${url}: ${error.stack}`));
    page.requests = [];
    page.on("request", (request) => page.requests.push(request.url()));
    await page.goto(url);
    return page;
  }
  /** To all processes that run this browser's pages. SIGSTOP: they stand still, as on a machine that sleeps. */
  async signalPages(signal) {
    let found = 0;
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (line.includes("--type=renderer") && line.includes(this.profile)) process.kill(Number(pid), signal), ++found;
    }
    assert(found > 0, "a process of this browser's pages");
  }
  async shot(page, name) {
    await page.bringToFront();
    await page.screenshot({ path: `${this.shots}/${name}.png` });
  }
  async close() {
    await this.context.close();
    await rm(this.profile, { recursive: true, force: true });
    assert.deepEqual(this.#problems, [], "nothing is written to the console as an error");
  }
}

/** A file with the router's configuration. */
export async function configuration(text) {
  const file = `${await mkdtemp(`${tmpdir()}/mla-`)}/router.toml`;
  await writeFile(file, text);
  return ["--config", file];
}
