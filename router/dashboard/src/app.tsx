import { Exchange, type Status } from "mla-exchange";
import { useEffect, useState } from "preact/hooks";
import { ExchangeContext, useRoot } from "./live";
import { Hosts } from "./hosts";
import { ObjectPage } from "./object";
import { Listing } from "./listing";
import { Tree } from "./tree";

const pages = { tree: "Tree", objects: "Objects", tags: "Tags", hosts: "Hosts" } as const;

function useHash(): string {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const changed = () => set(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash;
}

function useTheme(): [string, () => void] {
  const [theme, set] = useState(localStorage.getItem("theme") ?? "auto");
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  return [theme, () => set(theme === "auto" ? "light" : theme === "light" ? "dark" : "auto")];
}

const words: Record<Status, string> = {
  connecting: "Connecting to the router …",
  linked: "Live",
  stale: "The router is gone. What you see is what was known last; trying again …",
  refused: "The router refuses this page. Trying again …",
  closed: "Closed",
};

export function App() {
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const [status, setStatus] = useState<Status>("connecting");
  const [error, setError] = useState("");
  const [theme, nextTheme] = useTheme();
  useEffect(() => {
    let mine: Exchange | null = null;
    Exchange.connect(new URL("/link", location.href), { name: "dashboard", wasm: new URL("./mla_engine.wasm", document.baseURI) }).then((made) => {
      mine = made;
      made.addEventListener("status", (event) => setStatus(event.status));
      setStatus(made.status);
      setExchange(made);
    }, (failed: unknown) => setError(String(failed)));
    return () => mine?.close();
  }, []);
  const [page = "tree", ...rest] = useHash().replace(/^#\//, "").split("/").filter((part) => part !== "");
  return (
    <ExchangeContext.Provider value={exchange}>
      <header>
        <h1>MLA</h1>
        <nav aria-label="Views">
          {Object.entries(pages).map(([id, name]) => (
            <a key={id} href={`#/${id}`} aria-current={id === page ? "page" : undefined}>{name}</a>
          ))}
        </nav>
        <span class={`dot ${status}`} role="status">{status === "linked" ? words.linked : status}</span>
        <button type="button" onClick={nextTheme} aria-label={`Theme: ${theme}`}><span class="wide">Theme: </span>{theme}</button>
      </header>
      {(status === "stale" || status === "refused" || error) && <p class="banner" role="alert">{error || words[status]}</p>}
      <main tabIndex={0}>
        {exchange ? <Page page={page} rest={rest} /> : <p>{words.connecting}</p>}
      </main>
    </ExchangeContext.Provider>
  );
}

function Page({ page, rest }: { page: string; rest: string[] }) {
  if (page === "tree") return <Tree />;
  if (page === "hosts") return <Hosts />;
  return <OfRoot page={page} rest={rest} />;
}

/** Lists and reasons are the root's to tell. */
function OfRoot({ page, rest }: { page: string; rest: string[] }) {
  const root = useRoot();
  if (!root) return <p>Waiting for the router to describe itself …</p>;
  if (page === "objects" || page === "tags") return <Listing key={page} kind={page} root={root} />;
  if (page === "object" && rest[0]) return <ObjectPage key={rest[0]} text={decodeURIComponent(rest[0])} root={root} />;
  return <p>There is no such page. <a href="#/tree">To the tree</a></p>;
}
