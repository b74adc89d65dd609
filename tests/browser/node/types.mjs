// The types hold for a user's program under the strictest settings, by either way to find modules, and `using` ends contracts.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";

export default async function (world) {
  const folder = await mkdtemp(`${tmpdir()}/mla-`);
  await mkdir(`${folder}/node_modules`);
  await symlink(world.folder, `${folder}/node_modules/mla-exchange`);
  for (const name of ["react", "@types"]) await symlink(`${world.folder}/node_modules/${name}`, `${folder}/node_modules/${name}`);
  await writeFile(`${folder}/package.json`, '{"type":"module"}');
  await copyFile(fileURLToPath(new URL("../types/user.tsx", import.meta.url)), `${folder}/user.tsx`);
  const settings = {
    strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noImplicitOverride: true, noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true, skipLibCheck: false, target: "es2022", lib: ["ES2023", "DOM", "DOM.Iterable", "ESNext.Disposable"], jsx: "react-jsx", types: [],
  };
  const { child, url } = await world.router();
  for (const way of [{ module: "nodenext" }, { module: "es2022", moduleResolution: "bundler" }]) {
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...settings, ...way, outDir: way.module }, files: ["user.tsx"] }));
    try {
      execFileSync(process.execPath, [`${world.folder}/node_modules/typescript/bin/tsc`, "-p", folder], { encoding: "utf8" });
    } catch ({ stdout }) {
      assert.fail(stdout);
    }
    const { default: run } = await import(pathToFileURL(`${folder}/${way.module}/user.js`));
    await run(url, world.WebSocket);
    console.log(`compiled strictly, modules found as ${way.moduleResolution ?? way.module} does, and run`);
  }
  await world.stop(child);
  await rm(folder, { recursive: true });
}
