// Objects or tags in pages of 500, of which the ones in view are live. However long the list, the DOM holds what is in view.
import type { Json } from "mla-exchange";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { word } from "./format";
import { ExchangeContext, question, useOne } from "./live";

const pageRows = 500;
const rowHeight = 32; // as in style.css
const spare = 10; // rows above and below what is in view

interface ObjectRow {
  object: { tags: unknown[]; json: unknown };
  live: boolean;
  standing: string | null;
  elected: { where: string; name?: string } | null;
}
interface TagRow {
  tag: unknown;
  objects: number;
  observing: number;
  exposing: number;
}
type Row = ObjectRow | TagRow;
interface Answer {
  total: number;
  next: number | null;
  objects?: ObjectRow[];
  tags?: TagRow[];
}
interface Loaded {
  after: number;
  rows: Row[];
  next: number | null;
}

function RowView({ row }: { row: Row }) {
  if ("tag" in row)
    return (
      <a class="row tag" href={`#/objects/`} onClick={() => sessionStorage.setItem("match", JSON.stringify(row.tag))}>
        <span class="name">{word(row.tag)}</span><span>{row.objects} {row.objects === 1 ? "object" : "objects"}</span><span>{row.observing} observing</span><span>{row.exposing} exposing</span>
      </a>
    );
  const text = JSON.stringify([row.object.tags, row.object.json]);
  return (
    <a class="row" href={`#/object/${encodeURIComponent(text)}`} title={text}>
      <span class="name">{word(row.object.json)}</span>
      <span class="tags">{row.object.tags.map(word).join(", ")}</span>
      <span class={`standing ${row.standing ?? ""}`}>{row.standing ?? "not live"}</span>
      <span>{row.elected ? row.elected.name ?? row.elected.where : ""}</span>
    </a>
  );
}

export function Listing({ kind, root }: { kind: "objects" | "tags"; root: string }) {
  const exchange = useContext(ExchangeContext);
  const [match, setMatch] = useState(() => (kind === "objects" ? (sessionStorage.getItem("match") ?? "") : ""));
  const [pages, setPages] = useState<Loaded[]>([{ after: 0, rows: [], next: null }]);
  const [total, setTotal] = useState(0);
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(600);
  const box = useRef<HTMLDivElement>(null);
  const ask = (after: number): Json => ({ $mla: kind, after, limit: pageRows, match });

  useEffect(() => {
    sessionStorage.removeItem("match");
    setPages([{ after: 0, rows: [], next: null }]);
    setFirst(0);
    if (box.current) box.current.scrollTop = 0;
  }, [match]);
  useEffect(() => {
    const look = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 600));
    if (box.current) look.observe(box.current);
    return () => look.disconnect();
  }, []);

  // Pages are of so many rows at most: where each begins is counted.
  const starts: number[] = [];
  let rows = 0;
  for (const page of pages) starts.push(rows), (rows += page.rows.length);
  // How many there are is known with the last page; of those that match nothing is known before.
  const end = pages[pages.length - 1]!;
  const count = end.next === null ? rows : match ? rows + 1 : Math.max(total, rows + 1);
  const last = Math.min(count, first + Math.ceil(height / rowHeight) + spare);
  const from = Math.max(0, first - spare);
  const here = Math.max(0, starts.findLastIndex((start) => start <= first));

  // The page in view is observed; what it says takes the place of what was said before.
  const asked = pages[here]!.after;
  const heard = useOne(question(root, ask(asked)));
  const of = heard?.object.json as { after: number; match: string } | undefined;
  const live = of?.after === asked && of.match === match ? (heard?.value as Answer | undefined) : undefined;
  useEffect(() => {
    if (!live) return;
    setTotal(live.total);
    setPages((before) => before.map((page, i) => (i === here ? { ...page, rows: live[kind] ?? [], next: live.next } : page)));
  }, [live]);

  // Further ones are fetched in turn when the view comes near them.
  const [tries, again] = useState(0);
  const near = last >= rows - pageRows / 2;
  useEffect(() => {
    if (!exchange || end.next === null || !near) return;
    const stop = new AbortController();
    const after = end.next;
    exchange.get(question(root, ask(after)), { timeout: 10_000, signal: stop.signal }).then((state) => {
      const answer = state.json<Answer>();
      setPages((before) => [...before, { after, rows: answer[kind] ?? [], next: answer.next }]);
    }, () => stop.signal.aborted || again(tries + 1));
    return () => stop.abort();
  }, [exchange, end.after, end.next, near, tries]);

  const shown = [];
  for (let i = from; i < last; ++i) {
    const page = starts.findLastIndex((start) => start <= i);
    const row = pages[page]?.rows[i - starts[page]!];
    shown.push(<div key={i} class={`at${row ? "" : " empty"}`} style={{ top: `${i * rowHeight}px` }} role="listitem">{row ? <RowView row={row} /> : "…"}</div>);
  }
  return (
    <section aria-labelledby="listing" class="fill">
      <h2 id="listing">{kind === "objects" ? "Objects" : "Tags"} <small aria-live="polite">{match ? `${rows}${end.next === null ? "" : " …"} of ${total}` : count}</small></h2>
      <label class="search">Search <input type="search" value={match} onInput={(event) => setMatch(event.currentTarget.value)} placeholder="a part of the name" /></label>
      <div class="list" ref={box} tabIndex={0} role="region" aria-label={`List of ${kind}`}
        onScroll={(event) => setFirst(Math.floor(event.currentTarget.scrollTop / rowHeight))}>
        <div class="all" role="list" style={{ height: `${count * rowHeight}px` }}>{shown}</div>
      </div>
    </section>
  );
}
