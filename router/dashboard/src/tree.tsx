import { bytes, micros, rate } from "./format";
import { type Link, type Node, useNodes } from "./live";

interface Branch {
  id: string;
  name: string;
  node: Node | null;
  via: Link | null;
  children: Branch[];
}

/** Trees of all that describe themselves, and of leaves that their parents name. */
function trees(nodes: ReadonlyMap<string, Node>): Branch[] {
  const branch = (id: string, name: string, via: Link | null, depth: number): Branch => {
    const node = nodes.get(id) ?? null;
    const children = depth > 16 ? [] : (node?.links ?? []).filter((link) => link.role === "child" && link.ready && link.peer);
    return {
      id, name: node?.name ?? name, node, via,
      children: children.map((link) => branch(link.peer!, link.peer_name, link, depth + 1)).sort((a, b) => a.name.localeCompare(b.name)),
    };
  };
  return [...nodes.values()].filter(({ path, node }) => path.length < 2 || !nodes.has(path[path.length - 2]!) || path[0] === node)
    .map((node) => branch(node.node, node.name, null, 0));
}

function Rows({ branch, level }: { branch: Branch; level: number }) {
  const { node, via } = branch;
  return (
    <>
      <tr>
        <th scope="row"><span class={`level l${Math.min(level, 8)}`}>{branch.name || "(no name)"}</span> <small>{branch.id.slice(0, 8)}</small></th>
        <td>{via ? micros(via.round_trip_us) : "–"}</td>
        <td>{via?.rates ? rate(via.rates["states_in"] ?? 0) : "–"}</td>
        <td>{via?.rates ? rate(via.rates["states_out"] ?? 0) : "–"}</td>
        <td>{via?.rates ? `${bytes(via.rates["bytes_out"] ?? 0)}/s` : "–"}</td>
        <td>{node ? node.counters["objects"] : "–"}</td>
        <td>{node ? node.links_total : "–"}</td>
        <td>{node ? node.version : "–"}</td>
      </tr>
      {branch.children.map((child) => <Rows key={child.id} branch={child} level={level + 1} />)}
    </>
  );
}

export function Tree() {
  const nodes = useNodes();
  return (
    <section aria-labelledby="tree">
      <h2 id="tree">Tree</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Exchanges of the tree">
        <table>
          <thead>
            <tr><th scope="col">Exchange</th><th scope="col">Round trip</th><th scope="col">States up</th><th scope="col">States down</th>
              <th scope="col">Bytes down</th><th scope="col">Objects</th><th scope="col">Links</th><th scope="col">Version</th></tr>
          </thead>
          <tbody>{trees(nodes).map((branch) => <Rows key={branch.id} branch={branch} level={0} />)}</tbody>
        </table>
      </div>
    </section>
  );
}
