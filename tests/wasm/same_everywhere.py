#!/usr/bin/python3
"""Builds the pure part for WebAssembly, runs its tests in Node, and compares the trace of 20 simulated worlds: here, in Node, and
as clang compiled them.

usage: same_everywhere.py --bin DIR --clang DIR --build DIR      of this build's programs; of clang's; where the third build goes

A tool that is missing is a failure.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLCHAIN = "/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake"
SEEDS = 20
# Catch2 programs, and how many of their test cases must have run: unit_test holds the identity vectors and the golden messages.
IN_NODE = {"unit_test": 183, "codec_memory_test": 8, "engine_memory_test": 3, "sim_scenarios": 21}
NEEDED = {"em++": "emscripten", "node": "nodejs", "cmake": "cmake", "ninja": "ninja-build"}


class Failure(Exception):
    pass


def run(*command: str | Path, seconds: float = 300) -> str:
    """What it prints; a Failure when it does not end well."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise Failure(f"{' '.join(str(c) for c in command)}: status {done.returncode}\n{done.stdout[-6000:]}{done.stderr[-6000:]}")
    return done.stdout


def build(folder: Path, settings: dict[str, str], targets: list[str]) -> None:
    # One source a target: the least work from nothing.
    common = {"CMAKE_UNITY_BUILD": "ON", "CMAKE_UNITY_BUILD_BATCH_SIZE": "0"}
    launcher = {"CMAKE_CXX_COMPILER_LAUNCHER": "ccache"} if shutil.which("ccache") else {}
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", *(f"-D{k}={v}" for k, v in {**settings, **common, **launcher}.items()))
    run("cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", *targets, seconds=800)


def check_catch(program: Path, at_least: int) -> None:
    """The program's cases hold in Node, and there are as many as there should be."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", run("node", program, "--warn", "NoTests"))
    found = re.search(r"All tests passed \((\d+) assertions in (\d+) test cases?\)", said)
    if not found or int(found[2]) < at_least:
        raise Failure(f"{program.name}: {at_least} test cases were to hold, it says:\n{said[-2000:]}")
    print(f"{program.name} in Node: {found[1]} assertions in {found[2]} test cases hold", flush=True)


def traces(*command: str | Path) -> list[str]:
    """A line `SEED HASH` for each seed."""
    lines = run(*command, "--hash", "0", str(SEEDS)).splitlines()
    if [line.split()[0] for line in lines] != [str(seed) for seed in range(SEEDS)] or len({line.split()[1] for line in lines}) != SEEDS:
        raise Failure(f"{command[-1]}: not a hash for each of {SEEDS} seeds: {lines}")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--bin", "--clang", "--build"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    wasm = options.build / "emscripten"
    try:
        for tool, package in NEEDED.items():
            if not shutil.which(tool):
                raise Failure(f"{tool} is missing; it is in Debian's package {package}")
        build(wasm, {"CMAKE_TOOLCHAIN_FILE": TOOLCHAIN, "CMAKE_BUILD_TYPE": "Debug", "CMAKE_CXX_FLAGS_DEBUG": "-O1"},
              [*IN_NODE, "mla_sim"])
        for name, at_least in IN_NODE.items():
            check_catch(wasm / "bin" / f"{name}.js", at_least)
        by_here = traces(options.bin / "mla_sim")
        for name, other in (("clang", traces(options.clang / "mla_sim")), ("Node", traces("node", wasm / "bin/mla_sim.js"))):
            for here, there in zip(by_here, other):
                if here != there:
                    raise Failure(f"another trace in {name}: seed and hash are {there}, here {here}")
        print(f"{SEEDS} seeds have the same trace here, by clang, and in Node; the first is {by_here[0]}")
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f"FAILED {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
