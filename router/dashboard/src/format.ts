// How numbers and names are shown.

export function bytes(n: number): string {
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (Math.abs(n) < 1024) return `${n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)} ${unit}`;
    n /= 1024;
  }
  return `${n.toFixed(1)} TiB`;
}
export function rate(n: number): string {
  return n >= 1000 ? `${(n / 1000).toFixed(1)} k/s` : `${n < 10 ? Number(n.toFixed(1)) : Math.round(n)}/s`;
}
export function micros(us: number | null): string {
  if (us === null) return "–";
  return us < 1000 ? `${us} µs` : us < 1_000_000 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1_000_000).toFixed(1)} s`;
}
export function time(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}
/** A descriptor's JSON part for people: a plain word without quotes. */
export function word(json: unknown): string {
  return typeof json === "string" && json !== "" ? json : JSON.stringify(json);
}
