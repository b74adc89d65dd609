// The npm package in Node, for tests in a browser that need another exchange to do something.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export async function connect(root, url, options) {
  const folder = `${root}/wasm/package`;
  const { Exchange } = await import(pathToFileURL(`${folder}/dist/index.js`));
  return Exchange.connect(url, { WebSocket: createRequire(`${folder}/package.json`)("ws").WebSocket, ...options });
}

/** Exposes objects with a value that is sent once for each election. */
export function exposeAll(exchange, objects, value) {
  for (const object of objects)
    void (async () => {
      for await (const sink of exchange.expose(object)) await sink.send(value(object));
    })();
}
