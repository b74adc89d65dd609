#!/usr/bin/python3
"""Runs the load generator against several systems in turn (A B C A B C …) and keeps its JSON lines.

usage: beside.py --tools FOLDER --router PROGRAM --plugin FILE --out FILE.jsonl [--rounds 7] [--seconds 2] [--peers A,B,…] CELL…

FOLDER has the generator `loadgen` and its own peers `epollws` and `zmqproxy`. CELL is WORKLOAD:OBSERVERS:BYTES[:RATE]:
  w1win1:100:64      one object; a state is sent when all observers have the one before
  w1sat:100:64       one object, up to 256 states under way: how states are joined
  w1fix:100:64:500   one object at an absolute rate; the generator spins, latency counts from when a state was due
  w2sat:100:64       10 000 objects, each observer has 1 % of them, up to 512 states under way
  w5:10:102400       one object, JSON of which one field changes, sent as w1win1
Servers run on CPU 0, the generator, which is the producer and all observers, on CPU 1. Nothing else should run.
Peers: mla, mla-full (without differences), mla-busy (besides, its thread sleeps late), epollws, nats, natsws, mosq, mosqws, redis, zmq; those not installed are left out.
"""
import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import Peer, peer
from provenance import revision, shown

OBJECTS = 10_000


def workload(cell: str) -> list[str]:
    kind, observers, size, *rate = cell.split(":")
    common = ["--n", observers, "--size", size, "--warm", "0.5"]
    if kind == "w1win1":
        return ["--w", kind, "--win", "1", *common]
    if kind == "w1sat":
        return ["--w", kind, *common]
    if kind == "w1fix" and rate:
        return ["--w", kind, "--spin", "1", "--rate", rate[0], *common]
    if kind == "w2sat":
        return ["--w", kind, "--topics", str(OBJECTS), "--per", str(OBJECTS // 100), *common]
    if kind == "w5":
        return ["--w", kind, "--json", "1", "--win", "1", *common]
    raise SystemExit(f"no such workload: {cell}")


def wait_for(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"port {port} did not open")


def once(system: Peer, name: str, cell: str, options: argparse.Namespace) -> dict:
    server = ["taskset", "-c", "0", *system.command]
    process = subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    observers_port = system.observers_port or system.port
    try:
        wait_for(system.port, process)
        wait_for(observers_port, process)
        time.sleep(0.2)  # the connections that were tried are gone
        generator = ["taskset", "-c", "1", str(options.tools.resolve() / "loadgen"), "--pid", str(process.pid), "--peer", name,
                     "--proto", system.protocol, "--port", str(system.port), "--oport", str(observers_port),
                     "--secs", str(options.seconds), *workload(cell)]
        done = subprocess.run(generator, env=os.environ | system.environment, capture_output=True, text=True, timeout=180)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if not done.stdout.strip():
        raise SystemExit(f"{name} {cell}: {done.stderr}")
    return json.loads(done.stdout) | {"cell": cell, "command": shown(server), "generator": shown(generator, system.environment),
                                      "revision": options.revision, "at": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())}


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--tools", type=Path, required=True)
    for name in ("router", "plugin", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--peers", default="mla-full,epollws")
    parser.add_argument("cells", nargs="+")
    options = parser.parse_args()
    options.revision = revision()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory() as folder, open(options.out, "a") as out:
        for cell in options.cells:
            for turn in range(options.rounds):
                for name in options.peers.split(","):
                    system = peer(name, options.tools, os.path.abspath(options.router), os.path.abspath(options.plugin), Path(folder))
                    if not system:
                        continue
                    line = once(system, name, cell, options) | {"round": turn}
                    out.write(json.dumps(line) + "\n")
                    out.flush()
                    print(f"{cell} {turn} {name}: {line['deliv_per_brk_cpu_s']:.0f} messages a CPU second, p50 {line['p50_us']} us, "
                          f"other load {line['oth_cpu']}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
