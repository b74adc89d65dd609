// Runs one test in a real browser.
//
// usage: node browser_test.mjs NAME BIN ROOT     a file of pages/; the native programs; the top of the tree
import { resolve } from "node:path";
import { run, World } from "./world.mjs";

const [name, bin, root] = process.argv.slice(2);
const world = new World(resolve(bin));
world.root = resolve(root);
await run(await import(`./pages/${name}.mjs`), world);
World.killAll();
process.exit(0); // Chromium's sockets would keep Node
