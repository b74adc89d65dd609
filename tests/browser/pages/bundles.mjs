// In a page: what esbuild and Vite make of the package, a plain module, and the engine inside for who cannot serve it.
import assert from "node:assert/strict";
import { rm, symlink, writeFile } from "node:fs/promises";
import { Browser, configuration, serve } from "../browser.mjs";
import { bundle } from "../bundles.mjs";

export default async function (world) {
  const { folder, files } = await bundle(world.root);
  await symlink(`${world.root}/wasm/package/dist`, `${folder}/plain`);
  for (const [what, name] of [["a plain module, the engine beside it", "index"], ["a plain module, the engine inside", "inline"]]) {
    files[what] = `${name}.plain.js`;
    await writeFile(`${folder}/${name}.plain.js`, `import { Exchange } from "./plain/${name}.js"; globalThis.Exchange = Exchange;`);
  }
  const site = await serve({ "/": folder });
  const { child, url } = await world.router("ws://127.0.0.1:0", ...(await configuration(`allowed_origins = ["${site.origin}"]\n`)));
  world.start("mla", "--url", url, "expose", "greeting", "--value", '"hello"');
  const browser = await Browser.launch(world.root);
  for (const [what, file] of Object.entries(files)) {
    // The policy that the documentation asks for, and no more.
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${url}`;
    await writeFile(`${folder}/page.html`, `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module" src="./${file}"></script>`);
    const page = await browser.open(`${site.origin}/page.html`);
    await page.waitForFunction(() => globalThis.Exchange);
    const said = await page.evaluate(async (to) => {
      const exchange = await globalThis.Exchange.connect(to);
      return (await exchange.get({ tags: [], json: "greeting" }, { timeout: 10_000 })).json();
    }, url);
    assert.equal(said, "hello", what);
    const engines = page.requests.filter((one) => one.endsWith(".wasm")).length;
    assert.equal(engines, /inside/.test(what) ? 0 : 1, `${what}: requests of the engine`);
    await page.close();
    console.log(what);
  }
  await browser.close();
  site.close();
  await rm(folder, { recursive: true });
}
