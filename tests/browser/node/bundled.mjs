// What bundlers make of the package works in Node too.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../bundles.mjs";
import { becomes, first } from "../world.mjs";

export default async function (world) {
  const { folder, files } = await bundle(resolve(world.folder, "../.."));
  const { child, url } = await world.router();
  for (const [what, file] of Object.entries(files)) {
    delete globalThis.Exchange;
    await import(pathToFileURL(`${folder}/${file}`));
    const exchange = await globalThis.Exchange.connect(url, { WebSocket: world.WebSocket });
    await becomes(exchange, "linked");
    const states = exchange.states({ tags: [], json: what });
    const sink = await first(exchange.expose({ tags: [], json: what }), "an election");
    await sink.send(what);
    assert.equal((await first(states, "a state")).state.json(), what);
    exchange.close();
    console.log(what);
  }
  await world.stop(child);
  await rm(folder, { recursive: true });
}
