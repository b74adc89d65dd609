// A user's program under the strictest settings. It is compiled, and then run: `using` too.
import { Exchange, type Json, MlaError, type Sink, type State } from "mla-exchange";
import { ExchangeProvider, useObject, useStatus, useTag } from "mla-exchange/react";

export default async function run(url: string, WebSocket: unknown): Promise<void> {
  using exchange: Exchange = await Exchange.connect(url, { name: "types", WebSocket });
  exchange.addEventListener("status", ({ status, code, detail }) => {
    const known: "connecting" | "linked" | "stale" | "refused" | "closed" = status;
    const why: readonly [string | null, string] = [code, detail];
    void [known, why];
  });
  {
    using seen = exchange.states({ tag: "types" });
    await using offers = exchange.expose({ tags: ["types"], json: { n: 1 } }, { capacity: 2, linger: 100 });
    if ((exchange.contracts as number) !== 2) throw new Error("two contracts");
    const first = await offers.next();
    if (first.done) throw new Error("no election");
    const sink: Sink = first.value;
    const answer: "accepted" | "stale" | "ended" = await sink.send({ c: 21 }, { version: [1, 2n] });
    if (answer !== "accepted") throw new Error(answer);
    for await (const event of seen) {
      if (event.ended !== undefined) continue;
      const state: State = event.state; // an event is the one or the other
      const { c } = state.json<{ c: number }>();
      const version: readonly bigint[] = state.version;
      const json: Json = event.object.json;
      if (c !== 21 || version[1] !== 2n || JSON.stringify(json) !== '{"n":1}') throw new Error(state.text());
      // @ts-expect-error nothing in a state changes
      state.skipped = 1;
      break;
    }
  }
  if (exchange.contracts !== 0) throw new Error("both ended with their block");
  const unknown: unknown = await exchange.get({ tags: [], json: "nobody" }, { timeout: 1000 }).catch((error: unknown) => error);
  if (!(unknown instanceof MlaError) || unknown.code !== "unexposed") throw new Error(String(unknown));

  // What the types forbid. None of it is run.
  const wrong = (): unknown => [
    // @ts-expect-error both keys are required
    exchange.states({ tags: ["t"] }),
    // @ts-expect-error no JSON
    exchange.states({ tag: () => 1 }),
    // @ts-expect-error undefined is no JSON
    exchange.states({ tags: [], json: undefined }),
    // @ts-expect-error a tag has no state of its own
    exchange.get({ tag: "t" }),
    // @ts-expect-error there is no such option
    exchange.expose({ tag: "t" }, { prority: 1 }),
    // @ts-expect-error connect() makes them
    new Exchange(),
    // @ts-expect-error without `standings` none come
    exchange.states({ tag: "t" }).next().then(({ value }) => value!.standing.length),
    // @ts-expect-error any JSON may have come
    exchange.get({ tags: [], json: 1 }).then((state) => state.json().c),
  ];
  void wrong;
}

/** Not rendered here. */
export function Page({ exchange }: { exchange: Exchange | null }) {
  return <ExchangeProvider exchange={exchange}><Part /></ExchangeProvider>;
}
function Part() {
  const { state, standing, reason } = useObject({ tags: ["types"], json: null });
  const texts: string[] = useTag("types").map(({ object, state }) => `${JSON.stringify(object)} ${state?.text() ?? ""}`);
  // @ts-expect-error there may be none yet
  void (() => state.text());
  return <p title={standing ?? reason}>{state?.text()} {texts} {useStatus()}</p>;
}
