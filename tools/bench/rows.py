#!/usr/bin/python3
"""Measures the rows of docs/benchmarks.md anew and makes its tables. All of them take 70 minutes, in which nothing else should run.

usage: rows.py [-h] [--build build/release] [--tools FOLDER] [ROW…]       tools: the load generator's programs, for the rows beside others

Beside others, seven rounds in turn (beside.py): w1win1 w1fix w1sat w2 w5
By mla bench and others of our own programs:     slow hop objects local idle delta

Built before, of the preset release: mla-router mla delta_bench, and for the rows beside others loadgen_plugin.
"""
import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from provenance import revision

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "docs/benchmarks"
ALL = "mla-full,epollws,nats,natsws,mosq,mosqws,redis,zmq"
BESIDE = {
    "w1win1": ["--seconds", "1.5", "--peers", ALL, "w1win1:100:64", "w1win1:1000:64", "w1win1:1000:1024"],
    "w1fix": ["--seconds", "2", "--peers", ALL + ",mla-busy", "w1fix:1:64:1000", "w1fix:100:64:500", "w1fix:1000:1024:30"],
    "w1sat": ["--seconds", "1.5", "--peers", ALL, "w1sat:100:64", "w1sat:1000:64"],
    "w2": ["--seconds", "2", "--peers", ALL, "w2sat:100:64"],
    # With what the simplest broadcaster takes for whole states, and for states as small as differences: no more can be gained.
    "w5": ["--seconds", "5", "--peers", "mla,mla-full,epollws", "w5:10:102400", "w1win1:10:64"],
}
# How often, on which CPU each side is, and what runs.
OWN = {
    "slow": (7, 0, 1, "mla --json bench slow --observers 50 --bytes 4KiB --rate 1000 --stall 60 --seconds 63"),
    "hop": (7, 0, 1, "mla --json bench hop --rate 1000 --seconds 5"),
    "objects": (7, 0, 1, "mla --json --timeout 300s bench objects --objects 1000000 --observers 10 --share 100000 --bytes 64 --seconds 3"),
    "local": (7, None, None, "mla --json bench local --bytes 64 --seconds 3"),
    "idle": (7, None, None, "tests/integration/operate/idle_links_test.py --json --links 10000"),
    "delta": (7, None, None, "delta_bench --json 1000"),
}


def beside(row: str, options: argparse.Namespace) -> None:
    if not options.tools:
        raise SystemExit(f"{row} needs --tools")
    # What is kept is replaced when all of it has been measured.
    out = options.build / f"{row}.jsonl"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-B", ROOT / "tools/bench/beside.py", "--tools", options.tools, "--router", options.build / "bin/mla-router",
               "--plugin", options.build / "lib/loadgen_plugin.so", "--out", out, *BESIDE[row]]
    subprocess.run(command, check=True)
    shutil.move(out, KEPT / f"{row}.jsonl")


def own(row: str, options: argparse.Namespace) -> None:
    times, router_cpu, cpu, command = OWN[row]
    program, *words = command.split()
    if program.startswith("tests/"):
        run = [sys.executable, "-B", str(ROOT / program), "--bin", str(options.build / "bin"), *words]
    else:
        run = [str(options.build / "bin" / program), *words]
    if router_cpu is not None:
        router = options.build / "router_on_one_cpu"
        router.write_text(f'#!/bin/sh\nexec taskset -c {router_cpu} "{options.build}/bin/mla-router" "$@"\n')
        router.chmod(0o755)
        run = ["taskset", "-c", str(cpu), *run, "--router", str(router)]
    lines = []
    for turn in range(times):
        done = subprocess.run(run, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{row} ended with {done.returncode}: {done.stdout}{done.stderr}")
        print(done.stdout, end="", flush=True)
        shown = command if router_cpu is None else f"taskset -c {cpu} {command}, routers behind taskset -c {router_cpu}"
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        lines.append(json.loads(done.stdout.splitlines()[-1]) | {"row": row, "round": turn, "command": shown, "revision": options.revision, "at": at})
    (KEPT / f"{row}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--build", type=lambda text: Path(text).resolve(), default=ROOT / "build/release")
    parser.add_argument("--tools", type=lambda text: Path(text).resolve())
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    options.revision = revision()
    if unknown := [row for row in options.rows if row not in BESIDE and row not in OWN]:
        raise SystemExit(f"no such row: {', '.join(unknown)}")
    for row in options.rows or [*BESIDE, *OWN]:
        print(f"{time.strftime('%H:%M:%S')} {row}", flush=True)
        (beside if row in BESIDE else own)(row, options)
    table = [sys.executable, "-B", ROOT / "tools/bench/beside_table.py", "--into", ROOT / "docs/benchmarks.md", *sorted(KEPT.glob("*.jsonl"))]
    return subprocess.run(table).returncode


if __name__ == "__main__":
    sys.exit(main())
