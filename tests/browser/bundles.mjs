// The package as users bring it to browsers: bundled by esbuild and by Vite, with the engine beside it or inside.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";

/** Makes a folder of bundles that set globalThis.Exchange: `{ folder, files: { what: path } }`. */
export async function bundle(root) {
  const folder = await mkdtemp(`${tmpdir()}/mla-`);
  await mkdir(`${folder}/node_modules`);
  await symlink(`${root}/wasm/package`, `${folder}/node_modules/mla-exchange`);
  await writeFile(`${folder}/package.json`, '{"type":"module"}');
  const text = (entry) => `import { Exchange } from "${entry}"; globalThis.Exchange = Exchange;`;
  await writeFile(`${folder}/beside.js`, text("mla-exchange"));
  await writeFile(`${folder}/inside.js`, text("mla-exchange/inline"));

  const esbuild = createRequire(`${root}/wasm/package/package.json`)("esbuild");
  await esbuild.build({ bundle: true, format: "esm", platform: "browser", minify: true, logLevel: "error", absWorkingDir: folder, entryPoints: ["beside.js", "inside.js"], outdir: "esbuild" });
  await copyFile(`${root}/wasm/package/dist/mla_engine.wasm`, `${folder}/esbuild/mla_engine.wasm`);

  const { build } = await import(pathToFileURL(createRequire(`${root}/router/dashboard/package.json`).resolve("vite")));
  await writeFile(`${folder}/index.html`, `<script type="module">${text("mla-exchange")}</script>`);
  await build({ root: folder, base: "./", logLevel: "error", build: { outDir: "vite", target: "es2022", modulePreload: { polyfill: false } } });
  const assets = await readdir(`${folder}/vite/assets`);
  assert(assets.some((name) => /^mla_engine-.*\.wasm$/.test(name)), "Vite finds the engine by itself");
  return {
    folder,
    files: {
      "esbuild, the engine beside it": "esbuild/beside.js",
      "esbuild, the engine inside": "esbuild/inside.js",
      "Vite, the engine as an asset": `vite/assets/${assets.find((name) => name.endsWith(".js"))}`,
    },
  };
}
