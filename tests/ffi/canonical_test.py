#!/usr/bin/python3
"""P12: a million random values, each in a random spelling, against what JavaScript makes of them.

usage: canonical_test.py --program c_canonical_stream [--count N]
"""
import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", default="1000000")
    options = parser.parse_args()
    with subprocess.Popen(["node", str(Path(__file__).with_name("random_values.mjs")), options.count], stdout=subprocess.PIPE) as oracle:
        status = subprocess.run([options.program, options.count], stdin=oracle.stdout, check=False).returncode
    return status or oracle.returncode


if __name__ == "__main__":
    sys.exit(main())
