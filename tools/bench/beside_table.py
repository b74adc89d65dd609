#!/usr/bin/python3
"""Makes the tables of docs/benchmarks.md from what beside.py kept.

usage: beside_table.py [--into FILE.md] FILE.jsonl…     into: between its lines `<!-- tables -->` and `<!-- end of tables -->`

A ratio is of two runs of one round; the table has the median of a cell's ratios and the worst of them.
"""
import argparse
import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
Rounds = dict[int, dict[str, dict]]


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


def ratios(rounds: Rounds, mine: str, other: str, key: str, worst) -> str:
    both = [runs[mine][key] / runs[other][key] for runs in rounds.values() if {mine, other} <= runs.keys() and runs[other][key]]
    return f"{median(both):.2f}, {worst(both):.2f}" if both and mine != other else ""


def table(cell: str, rounds: Rounds) -> list[str]:
    names = sorted({name for runs in rounds.values() for name in runs}, key=lambda name: (not name.startswith("mla"), name != "epollws", name))
    mine = names[0]
    began = min(run["at"] for runs in rounds.values() for run in runs.values())
    lines = ["", f"`{cell}`: {len(rounds)} rounds of {len(names)} in turn, {began}", "",
             f"| | messages per CPU second of the server | {mine} to it: median, worst | states per message | age, p50 and p99 | {mine} to it, p50: median, worst "
             "| bytes received per message, sent per update | CPU of server, generator, others |", "|---|---|---|---|---|---|---|---|"]
    for name in names:
        runs = [r[name] for r in rounds.values() if name in r]
        of = lambda key: median(run[key] for run in runs)  # noqa: E731
        bytes_known = of("rx_per_deliv") > 0
        lines.append(
            f"| {name} | {short(of('deliv_per_brk_cpu_s'))} | {ratios(rounds, mine, name, 'deliv_per_brk_cpu_s', min)} "
            f"| {median(states_per_message(run) for run in runs):.2f} | {of('p50_us'):.0f} µs, {of('p99_us'):.0f} µs "
            f"| {ratios(rounds, mine, name, 'p50_us', max)} | {of('rx_per_deliv'):.0f}, {of('tx_per_update'):.0f} "
            f"| {of('brk_cpu'):.2f}, {of('cli_cpu'):.2f}, {max(run['oth_cpu'] for run in runs):.2f} |".replace(" 0, 0 |", " |" if not bytes_known else " 0, 0 |"))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--into", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    cells: dict[str, Rounds] = defaultdict(lambda: defaultdict(dict))
    commands: dict[str, str] = {}
    for file in options.files:
        for run in map(json.loads, file.read_text().splitlines()):
            cells[run["cell"]][run["round"]][run["peer"]] = run
            commands[run["peer"]] = run["command"]
    lines = [line for cell, rounds in cells.items() for line in table(cell, rounds)]
    lines += ["", "Command lines, each behind `taskset -c 0`; the configurations are in `tools/bench/peers.py`:", ""]
    lines += [f"* {name}: `{command}`" for name, command in sorted(commands.items())]
    text = "\n".join(lines) + "\n"
    if not options.into:
        print(text)
        return 0
    before, rest = options.into.read_text().split(BEGIN)
    options.into.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
