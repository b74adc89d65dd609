// The package as users bring it to browsers: bundled by esbuild and by Vite, with the engine beside it or inside.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { becomes, first } from "../world.mjs";

export default async function (world) {
  const folder = await mkdtemp(`${tmpdir()}/mla-`);
  await mkdir(`${folder}/node_modules`);
  await symlink(world.folder, `${folder}/node_modules/mla-exchange`);
  await writeFile(`${folder}/package.json`, '{"type":"module"}');
  for (const entry of ["mla-exchange", "mla-exchange/inline"])
    await writeFile(`${folder}/${entry.replace("/", "-")}.js`, `export { Exchange } from "${entry}";\n`);

  const { child, url } = await world.router();
  const works = async (file, what) => {
    const { Exchange } = await import(pathToFileURL(file));
    const exchange = await Exchange.connect(url, { WebSocket: world.WebSocket });
    await becomes(exchange, "linked");
    const states = exchange.states({ tags: [], json: what });
    const sink = await first(exchange.expose({ tags: [], json: what }), "an election");
    await sink.send(what);
    assert.equal((await first(states, "a state")).state.json(), what);
    exchange.close();
    console.log(what);
  };

  const esbuild = world.require("esbuild");
  const bundle = { bundle: true, format: "esm", platform: "browser", minify: true, logLevel: "error", absWorkingDir: folder };
  await esbuild.build({ ...bundle, entryPoints: ["mla-exchange.js", "mla-exchange-inline.js"], outdir: "esbuild" });
  await copyFile(`${world.folder}/dist/mla_engine.wasm`, `${folder}/esbuild/mla_engine.wasm`);
  await works(`${folder}/esbuild/mla-exchange.js`, "esbuild, the engine beside it");
  await works(`${folder}/esbuild/mla-exchange-inline.js`, "esbuild, the engine inside");

  const { build } = await import(pathToFileURL(createRequire(`${world.folder}/../../router/dashboard/package.json`).resolve("vite")));
  await writeFile(`${folder}/index.html`, '<script type="module">import { Exchange } from "mla-exchange"; globalThis.Exchange = Exchange;</script>');
  await build({ root: folder, base: "./", logLevel: "error", build: { target: "es2022", modulePreload: { polyfill: false } } });
  const assets = await readdir(`${folder}/dist/assets`);
  const script = assets.find((name) => name.endsWith(".js"));
  assert(assets.some((name) => /^mla_engine-.*\.wasm$/.test(name)), "Vite finds the engine by itself");
  await import(pathToFileURL(`${folder}/dist/assets/${script}`));
  await writeFile(`${folder}/vite.js`, "export const { Exchange } = globalThis;\n");
  await works(`${folder}/vite.js`, "Vite, the engine as an asset");
  await world.stop(child);
  await rm(folder, { recursive: true });
}
