// Runs one test of the npm package in Node.
//
// usage: node --expose-gc node_test.mjs NAME BIN PACKAGE     a file of node/; the native programs; the package's folder
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { run, World } from "./world.mjs";

const [name, bin, folder] = process.argv.slice(2);
const world = new World(resolve(bin));
world.folder = resolve(folder);
world.require = createRequire(`${world.folder}/package.json`);
world.WebSocket = globalThis.WebSocket ?? world.require("ws").WebSocket;
const { Exchange, ...rest } = await import(pathToFileURL(`${world.folder}/dist/index.js`));
world.mla = { Exchange, ...rest };
world.connect = (url, options) => Exchange.connect(url, { WebSocket: world.WebSocket, ...options });
await run(await import(`./node/${name}.mjs`), world);
// When all went well Node ends by itself: nothing of a closed exchange keeps it alive.
setTimeout(() => {
  console.error("something that is still open keeps Node alive");
  World.killAll();
  process.exit(1);
}, 10_000).unref();
