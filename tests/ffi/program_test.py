#!/usr/bin/python3
"""Runs a C program beside a real router, whose address is its last argument; by valgrind too, which must find nothing.

usage: program_test.py --bin DIR [--valgrind] [--times N] PROGRAM [ARGUMENT…]
"""
import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration/tree"))
from processes import Failure, World  # noqa: E402

VALGRIND = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect"]
DEADLINE_S = 240


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--valgrind", action="store_true")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("program")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    with World(options.bin.resolve()) as world:
        router = world.router("router")
        command = [*(VALGRIND if options.valgrind else []), str(world.bin / options.program), *options.arguments, router.url]
        for _ in range(options.times):
            result = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
            print(result.stdout, end="")
            if result.returncode != 0:
                raise Failure(f"{options.program} ended with {result.returncode}:\n{result.stderr[-4000:]}")
            if not result.stdout:
                raise Failure(f"{options.program} said nothing")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(failure)
        sys.exit(1)
