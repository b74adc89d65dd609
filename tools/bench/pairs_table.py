#!/usr/bin/python3
"""Makes the table of docs/benchmarks.md from what pairs.py kept.

usage: pairs_table.py FILE.jsonl…
"""
import json
import statistics
import sys
from collections import defaultdict


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    runs = [json.loads(line) for file in sys.argv[1:] for line in open(file)]
    cells = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        cells[run["cell"]][run["pair"]][run["peer"]] = run
    print("| cell | pairs | mla | plain epoll broadcaster | median of the ratios | worst pair | p50 of mla and of it | other load |")
    print("|---|---|---|---|---|---|---|---|")
    for cell, pairs in cells.items():
        whole = [p for p in pairs.values() if {"mla", "epollws"} <= p.keys()]
        of = lambda who, what: statistics.median(p[who][what] for p in whole)  # noqa: E731
        ratios = [p["mla"]["deliv_per_brk_cpu_s"] / p["epollws"]["deliv_per_brk_cpu_s"] for p in whole]
        print(f"| {cell} | {len(whole)} | {of('mla', 'deliv_per_brk_cpu_s') / 1000:.0f} k | {of('epollws', 'deliv_per_brk_cpu_s') / 1000:.0f} k "
              f"| {statistics.median(ratios):.2f} | {min(ratios):.2f} | {of('mla', 'p50_us'):.0f} us, {of('epollws', 'p50_us'):.0f} us "
              f"| {max(max(r['oth_cpu'] for r in p.values()) for p in whole):.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
