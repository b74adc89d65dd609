// Runs one test in a real browser.
//
// usage: node browser_test.mjs NAME BIN ROOT     a file of pages/; the native programs; the top of the tree
import { World } from "./world.mjs";

const [name, bin, root] = process.argv.slice(2);
const world = new World(bin);
world.root = root;
const { default: test } = await import(`./pages/${name}.mjs`);
try {
  await test(world);
} catch (error) {
  console.error(error);
  World.killAll();
  process.exit(1);
}
World.killAll();
process.exit(0);
