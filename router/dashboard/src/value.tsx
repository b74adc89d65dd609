// A JSON value with what just changed, and a way to plot each number.

/** The part of a value at a path such as `/a/0`. */
export function at(value: unknown, path: string): unknown {
  for (const key of path.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return value;
}
const step = (path: string, key: string) => `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;

interface Shown {
  value: unknown;
  before: unknown;
  plotted: readonly string[];
  onPlot(path: string): void;
}
const most = 200; // entries of one array or object

function Part({ value, before, path, name, plotted, onPlot }: Shown & { path: string; name: string }) {
  if (value instanceof Uint8Array) return <li>{name && `${name}: `}<code>{value.length} bytes</code></li>;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return (
      <li>
        <span class="key">{name}</span> {Array.isArray(value) ? `[${entries.length}]` : entries.length === 0 ? "{}" : ""}
        <ul class="value">
          {entries.slice(0, most).map(([key, part]) => (
            <Part key={key} name={key} value={part} before={typeof before === "object" && before !== null ? (before as Record<string, unknown>)[key] : undefined}
              path={step(path, key)} plotted={plotted} onPlot={onPlot} />
          ))}
          {entries.length > most && <li>… and {entries.length - most} more</li>}
        </ul>
      </li>
    );
  }
  const changed = value !== before;
  return (
    <li>
      {name && <span class="key">{name} </span>}
      {typeof value === "number"
        ? <button type="button" class={`number${changed ? " changed" : ""}`} aria-pressed={plotted.includes(path)} aria-label={`${name || "value"} ${value}, plot`} onClick={() => onPlot(path)}>{String(value)}</button>
        : <code class={changed ? "changed" : ""}>{JSON.stringify(value) ?? "–"}</code>}
    </li>
  );
}

export function Value(shown: Shown) {
  return <ul class="value">{<Part {...shown} path="" name="" />}</ul>;
}
