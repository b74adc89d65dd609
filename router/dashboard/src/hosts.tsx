// The hosts of `mla hostmon`.
import { bytes } from "./format";
import { useLive } from "./live";

interface Parts {
  cpu?: { usage_percent: number; cores_percent: number[]; load: number[] };
  memory?: { used_percent: number; used_bytes: number; total_bytes: number };
  network?: { interfaces: Record<string, { received_bytes_per_s: number; sent_bytes_per_s: number }> };
  disks?: { devices: Record<string, { read_bytes_per_s: number; written_bytes_per_s: number }> };
  processes?: { count: number; top: { name: string; cpu_percent: number; resident_bytes: number }[] };
}

function Meter({ name, percent, text }: { name: string; percent: number; text: string }) {
  return (
    <p class="meter"><span>{name}</span>
      <meter min={0} max={100} low={70} high={90} optimum={0} value={percent} aria-label={name}>{text}</meter>
      <span>{text}</span></p>
  );
}
const sum = <T,>(all: Record<string, T> | undefined, key: keyof T): number =>
  Object.values(all ?? {}).reduce((total, one) => total + (Number(one[key]) || 0), 0);

function Host({ name, parts, stale }: { name: string; parts: Parts; stale: boolean }) {
  const { cpu, memory, network, disks, processes } = parts;
  return (
    <article class={`host${stale ? " stale" : ""}`} aria-label={name}>
      <h3>{name} {stale && <small>stale</small>}</h3>
      {cpu && <Meter name="CPU" percent={cpu.usage_percent ?? 0} text={`${(cpu.usage_percent ?? 0).toFixed(0)} %`} />}
      {memory && <Meter name="Memory" percent={memory.used_percent} text={`${memory.used_percent.toFixed(0)} % of ${bytes(memory.total_bytes)}`} />}
      {cpu && <p>Load {cpu.load?.join("  ")}, {cpu.cores_percent?.length} cores</p>}
      {network && <p>Network ↓ {bytes(sum(network.interfaces, "received_bytes_per_s"))}/s ↑ {bytes(sum(network.interfaces, "sent_bytes_per_s"))}/s</p>}
      {disks && <p>Disks read {bytes(sum(disks.devices, "read_bytes_per_s"))}/s, written {bytes(sum(disks.devices, "written_bytes_per_s"))}/s</p>}
      {processes && (
        <table>
          <caption>{processes.count} processes</caption>
          <thead><tr><th scope="col">Process</th><th scope="col">CPU</th><th scope="col">Memory</th></tr></thead>
          <tbody>{processes.top.slice(0, 5).map((one) => (
            <tr key={one.name}><th scope="row">{one.name}</th><td>{one.cpu_percent.toFixed(1)} %</td><td>{bytes(one.resident_bytes)}</td></tr>
          ))}</tbody>
        </table>
      )}
    </article>
  );
}

export function Hosts() {
  const hosts = new Map<string, { parts: Record<string, unknown>; stale: boolean }>();
  for (const { object, value, state } of useLive({ tag: "host" }).values()) {
    const { host, part } = (object.json ?? {}) as { host?: string; part?: string };
    if (!host || !part || !state) continue;
    const one = hosts.get(host) ?? { parts: {}, stale: false };
    one.parts[part] = value;
    one.stale ||= !state.synchronized;
    hosts.set(host, one);
  }
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts">Hosts <small>{hosts.size}</small></h2>
      {hosts.size === 0 && <p>No host shares its load. <code>mla hostmon</code> does.</p>}
      <div class="hosts">
        {[...hosts].sort(([a], [b]) => a.localeCompare(b)).map(([name, { parts, stale }]) => <Host key={name} name={name} parts={parts as Parts} stale={stale} />)}
      </div>
    </section>
  );
}
