// Runs one test of the npm package in Node.
//
// usage: node --expose-gc node_test.mjs NAME BIN PACKAGE     a file of node/; the native programs; the package's folder
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { World } from "./world.mjs";

const [name, bin, folder] = process.argv.slice(2);
const world = new World(bin);
world.folder = folder;
world.require = createRequire(`${folder}/package.json`);
world.WebSocket = globalThis.WebSocket ?? world.require("ws").WebSocket;
const { Exchange, ...rest } = await import(pathToFileURL(`${folder}/dist/index.js`));
world.mla = { Exchange, ...rest };
world.connect = (url, options) => Exchange.connect(url, { WebSocket: world.WebSocket, ...options });
const { default: test } = await import(`./node/${name}.mjs`);
try {
  await test(world);
} catch (error) {
  console.error(error);
  World.killAll();
  process.exit(1);
}
// When all went well Node ends by itself: nothing of a closed exchange keeps it alive.
