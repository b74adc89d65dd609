// One object: its live value with what just changed, its history while this page is open, plots, and why it is produced by whom.
import type { Json, ObjectDescriptor } from "mla-exchange";
import { useRef, useState } from "preact/hooks";
import { time, word } from "./format";
import { question, type Seen, useOne } from "./live";
import { Plot } from "./plot";
import { at, Value } from "./value";

const kept = 600; // states of the history
const listed = 50;

export interface Past {
  at: number;
  value: unknown;
  version: string;
}

export function ObjectPage({ text, root }: { text: string; root: string }) {
  const [tags, json] = JSON.parse(text) as [Json[], Json];
  const object: ObjectDescriptor = { tags, json };
  const past = useRef<Past[]>([]);
  const [plotted, plot] = useState<readonly string[]>([]);
  const seen = useOne(object, ({ at, value, state }: Seen) => {
    const version = state!.version.join(".");
    if (past.current.at(-1)?.version === version) return; // only its freshness changed
    past.current.push({ at, value, version });
    if (past.current.length > kept) past.current.shift();
  });
  const history = past.current;
  const latest = history.at(-1); // ahead of `seen` by what is not shown yet
  const state = seen?.state ?? null;
  const toggle = (path: string) => plot(plotted.includes(path) ? plotted.filter((p) => p !== path) : [...plotted, path]);
  return (
    <section aria-labelledby="object">
      <h2 id="object">{word(json)} <small>{tags.map(word).join(", ")}</small></h2>
      <p class="facts">
        <span class={`standing ${seen?.standing ?? ""}`}>{seen?.standing ?? "…"}</span>
        {seen?.reason && <span>{seen.reason}</span>}
        {state && <span>version {state.version.join(".")}</span>}
        {state && <span>{state.bytes.length} B {state.format.join(" ")}</span>}
        {seen && state ? <span>{state.synchronized ? time(seen.at) : `stale since ${time(seen.at - state.ageMs)}`}</span> : null}
      </p>
      {plotted.map((path) => (
        <Plot key={path} title={path} history={history} pick={(value) => at(value, path)} count={history.length} latest={seen?.at ?? 0} onClose={() => toggle(path)} />
      ))}
      <div class="columns">
        <div>
          <h3>Value</h3>
          {latest ? <Value value={latest.value} before={(history.at(-2) ?? latest).value} plotted={plotted} onPlot={toggle} /> : <p>No state yet.</p>}
          <h3>History <small>{history.length} while this page is open</small></h3>
          <ol class="history" reversed tabIndex={0} aria-label="History">
            {history.slice(-listed).reverse().map((one) => <li key={`${one.at} ${one.version}`}><time>{time(one.at)}</time> <code>{JSON.stringify(one.value)?.slice(0, 120)}</code></li>)}
          </ol>
        </div>
        <Why object={object} root={root} />
      </div>
    </section>
  );
}

interface Place {
  where: "local" | "link";
  peer?: string;
  name?: string;
}
interface Candidate extends Place {
  priority: number;
  capacity: number;
  load: number;
  elected: boolean;
  draining: boolean;
  by_tag: boolean;
}
interface Answer {
  name: string;
  live: boolean;
  observed: boolean;
  exposed: boolean;
  standing: string;
  elected: (Place & { epoch: unknown; since_ms: number; has_sent: boolean; decided_by: string }) | null;
  candidates: Candidate[];
  left_out: (Place & { why: string; reason: string })[];
  observers: { local: number; links_total: number; links: Place[] };
  would_change: string[];
}
const place = ({ where, name, peer }: Place) => (where === "local" ? "this exchange itself" : name || peer || "a link");

/** What the root says, and what those say in turn to whom it gave the object. Leaves do not describe themselves. */
function Why({ object, root, below = 0 }: { object: ObjectDescriptor; root: string; below?: number }) {
  const answer = useOne(question(root, { $mla: "why", object: { tags: object.tags, json: object.json } }))?.value as Answer | undefined;
  if (!answer && below) return null;
  if (!answer) return <div><h3>Why</h3><p>Asking the root …</p></div>;
  const { elected, observers } = answer;
  return (
    <div>
      {below ? <h4>Further down, at {answer.name}</h4> : <h3>Why</h3>}
      <p>{elected
        ? `Elected: ${place(elected)}, for ${Math.round(elected.since_ms / 1000)} s, ${elected.has_sent ? "it has sent" : "it has not sent yet"}.`
        : answer.live ? "Nobody is elected." : "The object is not live: nobody needs it now."}</p>
      <h4>Exposers</h4>
      <ul>
        {answer.candidates.map((one) => (
          <li key={place(one)}>{one.elected ? <strong>{place(one)}</strong> : place(one)}: priority {one.priority}, capacity {one.capacity}, load {Number(one.load.toFixed(3))}
            {one.by_tag ? ", by tag" : ""}{one.draining ? ", draining" : ""}</li>
        ))}
        {answer.left_out.map((one) => <li key={place(one)}>{place(one)}: left out, {one.why}{one.reason ? ` (${one.reason})` : ""}</li>)}
        {answer.candidates.length + answer.left_out.length === 0 && <li>none</li>}
      </ul>
      <h4>Observers</h4>
      <ul>
        {observers.local > 0 && <li>{observers.local} contracts of its own</li>}
        {observers.links.map((one) => <li key={place(one)}>{place(one)}</li>)}
        {observers.local + observers.links_total === 0 && <li>none</li>}
      </ul>
      {answer.would_change.length > 0 && <><h4>What would change it</h4><ul>{answer.would_change.map((text) => <li key={text}>{text}</li>)}</ul></>}
      {elected?.peer && below < 16 && <Why key={elected.peer} object={object} root={elected.peer} below={below + 1} />}
    </div>
  );
}
