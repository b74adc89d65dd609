// Builds the npm package, and looks at it from outside.
//
// usage: package_test.mjs ROOT
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [root] = process.argv.slice(2);
const folder = `${root}/wasm/package`;
const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
// What is committed must come out again, to the byte.
const committed = () => ["wasm/built", "router/dashboard/built"].flatMap((one) => readdirSync(`${root}/${one}`).map((name) => [name, readFileSync(`${root}/${one}/${name}`, "base64")]));
const before = committed();
process.stdout.write(run(`${root}/tools/build-web`));
const differ = committed().filter(([name, bytes], i) => before[i]?.[0] !== name || before[i][1] !== bytes).map(([name]) => name);
assert.deepEqual(differ, [], "built anew they are other bytes: commit them");

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const dist = readdirSync(`${folder}/dist`).filter((name) => name.endsWith(".js") && !/^(inline|mla_engine_text)\.js$/.test(name));
const script = gzipped(Buffer.concat(dist.map((name) => readFileSync(`${folder}/dist/${name}`))));
const engine = gzipped(readFileSync(`${folder}/dist/mla_engine.wasm`));
console.log(`${dist.length} modules: ${script} bytes gzipped; the engine: ${engine}`);
assert(script <= 20_000 && engine <= 350_000);

for (const lock of [`${folder}/package-lock.json`, `${root}/router/dashboard/package-lock.json`])
  for (const entry of Object.values(JSON.parse(readFileSync(lock, "utf8")).packages)) assert(!entry.resolved, "the lock names a registry");
const said = run("node", "node_modules/publint/src/cli.js", "--strict");
console.log(said.trim());
assert(/All good/.test(said));
