#!/usr/bin/python3
"""Makes the tables of docs/benchmarks.md from what beside.py kept.

usage: beside_table.py FILE.jsonl…

A ratio is of two runs of one round; the table has the median of a cell's ratios and the worst of them.
"""
import json
import statistics
import sys
from collections import defaultdict

MINE = ("mla", "mla-full")


def median(values) -> float:
    return statistics.median(list(values))


def short(number: float) -> str:
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:.3g}"


def states_per_message(run: dict) -> float:
    """States that observers were brought past, for each message they got."""
    return run["updates_s"] * run["n"] * run["per"] / run["topics"] / run["deliv_s"] if run["deliv_s"] else 0


def table(cell: str, rounds: dict[int, dict[str, dict]]) -> None:
    names = sorted({name for runs in rounds.values() for name in runs}, key=lambda name: (name not in MINE, name != "epollws", name))
    mine = next((name for name in names if name == "mla-full"), names[0])
    print(f"\n`{cell}`, {len(rounds)} rounds, {len(names)} systems in turn, {min(r['at'] for runs in rounds.values() for r in runs.values())}\n")
    print("| | messages a CPU second of the server | ratio of mla to it: median, worst | states a message | p50, p99 of their age | ratio of p50: median, worst "
          "| bytes received a message, sent an update | CPU of the server, of the generator, of others |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        whole = [runs for runs in rounds.values() if name in runs and mine in runs]
        runs = [r[name] for r in whole]
        rate, age = "deliv_per_brk_cpu_s", "p50_us"
        faster = [r[mine][rate] / r[name][rate] for r in whole if r[name][rate]]
        older = [r[mine][age] / r[name][age] for r in whole if r[name][age]]
        ratios = (f"{median(faster):.2f}, {min(faster):.2f}", f"{median(older):.2f}, {max(older):.2f}") if name != mine and faster and older else ("", "")
        print(f"| {name} | {short(median(r[rate] for r in runs))} | {ratios[0]} | {median(states_per_message(r) for r in runs):.2f} "
              f"| {median(r[age] for r in runs):.0f} us, {median(r['p99_us'] for r in runs):.0f} us | {ratios[1]} "
              f"| {median(r['rx_per_deliv'] for r in runs):.0f}, {median(r['tx_per_update'] for r in runs):.0f} "
              f"| {median(r['brk_cpu'] for r in runs):.2f}, {median(r['cli_cpu'] for r in runs):.2f}, {max(r['oth_cpu'] for r in runs):.2f} |")


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    cells: dict = defaultdict(lambda: defaultdict(dict))
    for file in sys.argv[1:]:
        with open(file) as lines:
            for run in map(json.loads, lines):
                cells[run["cell"]][run["round"]][run["peer"]] = run
    for cell, rounds in cells.items():
        table(cell, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
