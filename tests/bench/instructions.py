#!/usr/bin/python3
"""Counts the instructions of what is measured, by callgrind, and compares with tests/bench/instructions.json.

usage: instructions.py build            configures and builds the benches (preset bench)
       instructions.py check NAME…      each is within 3 % of what is noted, either way
       instructions.py note [NAME…]     counts and notes; without names, all
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTED = Path(__file__).with_name("instructions.json")
TOLERANCE = 0.03


@dataclass(frozen=True)
class Measure:
    program: str
    arguments: tuple[int, ...]
    inside: str  # the function that is counted
    counted: int  # how many of what is named happen in it


MEASURES = {
    "routing a state": Measure("route_bench", (20000,), "route", 20000),
    "passing a state on to each of 100": Measure("route_bench", (1000, 100), "route", 100000),
    "a canonical descriptor": Measure("descriptor_bench", (4000,), "canonicalize", 4000),
    "making a difference of 100 KiB": Measure("delta_bench", (200,), "make_differences", 200),
    "electing for an object": Measure("election_bench", (2000,), "elect", 2000 + 500),
}


def build() -> int:
    for command in (["cmake", "--preset", "bench"], ["cmake", "--build", "--preset", "bench", "-j", str(os.cpu_count())]):
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            print("\n".join(done.stdout.splitlines()[-60:]))
            return 1
    return 0


def count(measure: Measure) -> float:
    """Instructions for one of what is measured."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--toggle-collect=*{measure.inside}(*", "--collect-atstart=no",
                   f"--callgrind-out-file={folder}/out", ROOT / "build/bench/bin" / measure.program, *map(str, measure.arguments)]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    collected = re.search(r"Collected : (\d+)", done.stdout)
    if done.returncode != 0 or not collected or int(collected[1]) == 0:
        raise SystemExit(f"{measure.program} could not be counted:\n{done.stdout}")
    return int(collected[1]) / measure.counted


def within(noted: float, counted: float) -> bool:
    return abs(counted - noted) <= TOLERANCE * noted


def check(names: list[str]) -> int:
    noted = json.loads(NOTED.read_text())
    wrong = 0
    for name in names:
        counted = count(MEASURES[name])
        fine = within(noted[name], counted)
        wrong += not fine
        print(f"{name}: {counted:.0f} instructions, noted {noted[name]} ({100 * (counted / noted[name] - 1):+.1f} %)"
              + ("" if fine else f": beyond 3 %. If it is meant: {sys.argv[0]} note '{name}'"))
    return 1 if wrong else 0


def note(names: list[str]) -> int:
    noted = json.loads(NOTED.read_text()) if NOTED.exists() else {}
    for name in names or MEASURES:
        noted[name] = round(count(MEASURES[name]))
        print(f"{name}: {noted[name]} instructions")
    NOTED.write_text(json.dumps(noted, indent=2, sort_keys=True) + "\n")
    return 0


def main() -> int:
    verb, names = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if verb not in ("build", "check", "note") or any(name not in MEASURES for name in names):
        print(__doc__, file=sys.stderr)
        return 2
    if verb == "build":
        return build()
    return check(names) if verb == "check" else note(names)


if __name__ == "__main__":
    sys.exit(main())
