#!/usr/bin/python3
"""Runs the load generator against mla-router and a peer in turn (A B A B …) and keeps its JSON lines.

usage: pairs.py --loadgen PROGRAM --router PROGRAM --plugin FILE --peer PROGRAM --out FILE.jsonl [--pairs 7] [--seconds 2] CELL…

CELL is WORKLOAD:OBSERVERS:BYTES: w1win1:100:64 (one state, sent on when all have it), w2sat:100:64 (10 000 objects, each
observer has 1 %). The peer is the plain epoll broadcaster that comes with the generator. Routers run on CPU 0, the generator on
CPU 1; differences are off. Nothing else should run.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROUTER_PORT, PEER_PORT = 19020, 19001


def workload(cell: str) -> list[str]:
    kind, observers, size = cell.split(":")
    common = ["--n", observers, "--size", size, "--warm", "0.5"]
    if kind == "w1win1":
        return ["--w", kind, "--win", "1", *common]
    if kind == "w2sat":
        return ["--w", kind, "--topics", "10000", "--per", "100", *common]
    raise SystemExit(f"no such workload: {kind}")


def once(options: argparse.Namespace, who: str, cell: str) -> dict:
    if who == "mla":
        config = Path(options.out).with_suffix(".toml")
        config.write_text("[limits]\ncontracts_per_link = 2000000\nobjects_per_link = 2000000\ndelta_bytes = 0\n")
        server = [options.router, "--config", config, "--listen", f"ws://127.0.0.1:{ROUTER_PORT}", "--admin", "none"]
        proto, port = f"plugin:{options.plugin}", ROUTER_PORT
    else:
        server, proto, port = [options.peer, str(PEER_PORT)], "wsraw", PEER_PORT
    process = subprocess.Popen(["taskset", "-c", "0", *map(str, server)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.4)  # it listens by then, or the generator says so
        done = subprocess.run(["taskset", "-c", "1", options.loadgen, "--peer", who, "--proto", proto, "--port", str(port),
                               "--pid", str(process.pid), "--secs", str(options.seconds), *workload(cell)],
                              env=os.environ | {"MLA_LOAD_DELTA": "0"}, capture_output=True, text=True, timeout=120)
    finally:
        process.terminate()
        process.wait()
    if not done.stdout.strip():
        raise SystemExit(f"{who} {cell}: {done.stderr}")
    return json.loads(done.stdout) | {"cell": cell, "at": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())}


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("loadgen", "router", "plugin", "peer", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("cells", nargs="+")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with open(options.out, "a") as out:
        for cell in options.cells:
            for pair in range(options.pairs):
                for who in ("mla", "epollws"):
                    line = once(options, who, cell) | {"pair": pair}
                    out.write(json.dumps(line) + "\n")
                    out.flush()
                    print(f"{cell} {pair} {who}: {line['deliv_per_brk_cpu_s']:.0f} deliveries a CPU second, other load {line['oth_cpu']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
