// The hooks: StrictMode leaves one contract, a thousand mounts and unmounts none.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { first, holds } from "../world.mjs";

export default async function (world) {
  const React = world.require("react");
  const { create, act } = world.require("react-test-renderer");
  const { ExchangeProvider, useObject, useTag, useStatus } = await import(pathToFileURL(`${world.folder}/dist/react.js`));
  const h = React.createElement;
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;

  const { child, url } = await world.router();
  const exchange = await world.connect(url);
  const other = await world.connect(url);
  const One = ({ json }) => {
    const { state, standing } = useObject({ tags: ["t"], json });
    return `${state ? JSON.stringify(state.json()) : "-"} ${standing} `;
  };
  const All = () => useTag("t").map(({ object, state }) => `${object.json}=${state?.text()};`);
  const Status = () => useStatus();
  const page = (...children) => h(React.StrictMode, null, h(ExchangeProvider, { exchange }, ...children.map((c, key) => h(React.Fragment, { key }, c))));
  let root;
  const shown = () => [root.toJSON()].flat(9).join("");
  const shows = (what, fits) => holds(what, async () => (await act(async () => new Promise((r) => setTimeout(r, 1))), fits(shown())));

  await act(async () => (root = create(page(h(One, { json: "a" }), h(All), h(Status)))));
  await shows("linked, nobody exposes it", (text) => text === "- unexposed linked");
  assert.equal(exchange.contracts, 2);
  const sink = await first(other.expose({ tags: ["t"], json: "a" }), "an election");
  await sink.send({ n: 1 });
  await shows("the state", (text) => text === '{"n":1} synchronized a={"n":1};linked');
  await sink.send({ n: 2 });
  await shows("the next state", (text) => text === '{"n":2} synchronized a={"n":2};linked');
  // Two components, one contract; another name, another contract.
  await act(async () => root.update(page(h(One, { json: "a" }), h(One, { json: "a" }), h(All))));
  assert.equal(exchange.contracts, 2);
  await shows("both", (text) => text === '{"n":2} synchronized {"n":2} synchronized a={"n":2};');
  await act(async () => root.update(page(h(One, { json: "b" }))));
  await shows("the other object", (text) => text === "- unexposed ");
  assert.equal(exchange.contracts, 1);
  await act(async () => root.unmount());
  assert.equal(exchange.contracts, 0);
  for (let i = 0; i < 1000; ++i) {
    await act(async () => (root = create(page(h(One, { json: i % 7 }), h(All)))));
    if (i % 100 === 0) assert.equal(exchange.contracts, 2);
    await act(async () => root.unmount());
  }
  assert.equal(exchange.contracts, 0);
  exchange.close();
  other.close();
  await world.stop(child);
  console.log("StrictMode leaves one contract per thing observed, 1000 mounts and unmounts none");
}
