#!/usr/bin/python3
"""Makes the tables of docs/benchmarks.md from what beside.py and rows.py kept.

usage: beside_table.py [--into FILE.md] FILE.jsonl…     into: between its lines `<!-- tables -->` and `<!-- end of tables -->`

A ratio is of two runs of one round; the table has the median of a cell's ratios and the worst of them. Of our own programs (lines
that name a row) the figures below are told of, each run's.
"""
import argparse
import json
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

BUSY = "mla-busy"
BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
Rounds = dict[int, dict[str, dict]]
# What is told of a run of our own programs.
FIGURES = {
    "slow": {"others had, % of what was offered": "others_share_percent", "the router grew by, MiB": "router_growth_mib",
             "the slow one had the newest after, ms": "newest_after_ms", "skipped": "skipped", "was told": "skipped_told",
             "p50 of the others, µs": "others_latency_us.p50", "receive buffer of the slow one, bytes": "slow_receive_buffer_bytes",
             "the others' deliveries a second": "deliveries_per_s", "router CPU a delivery, µs": "router_cpu_us_per_delivery",
             "bytes a delivery": "observer_bytes_per_delivery"},
    "hop": {"a second router adds at p50, µs": "hop_p50_us", "one router, p50, µs": "one_router_us.p50", "two, p50, µs": "two_routers_us.p50",
            "CPU of the first router, s": "router_cpu_s", "of the second, s": "second_router_cpu_s", "bytes a delivery": "observer_bytes_per_delivery"},
    "objects": {"ready after, s": "ready_s", "bytes of router memory an object": "router_bytes_per_object", "deliveries a second": "deliveries_per_s",
                "router CPU a delivery, µs": "router_cpu_us_per_delivery"},
    "local": {"same thread p50, µs": "same_thread_us.p50", "manual runtime p50, µs": "same_thread_manual_us.p50",
              "to another thread p50, µs": "other_thread_us.p50", "of each: a look at the clock, µs": "clock_us"},
    "idle": {"bytes of router memory a link": "bytes_per_link", "links": "links", "all up after, s": "up_after_s"},
    "delta": {"its producer makes a difference in, µs": "make_us", "its observer rebuilds the state in, µs": "rebuild_us",
              "bytes a difference": "difference_bytes", "bytes a state": "state_bytes"},
}


def median(values) -> float:
    return statistics.median(list(values))


def short(number: float) -> str:
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return f"{number:.3g}"


def when(runs: list[dict]) -> str:
    """When the first was, and what was measured."""
    began = min(run["at"] for run in runs)
    return ", ".join([began, *sorted({run["revision"] for run in runs if "revision" in run})])


def states_per_message(run: dict) -> float:
    """States that observers were brought past, for each message they got."""
    return run["updates_s"] * run["n"] * run["per"] / run["topics"] / run["deliv_s"] if run["deliv_s"] else 0


def ratios(rounds: Rounds, mine: str, other: str, key: str, worst) -> str:
    both = [runs[mine][key] / runs[other][key] for runs in rounds.values() if {mine, other} <= runs.keys() and runs[other][key]]
    return f"{median(both):.2f}, {worst(both):.2f}" if both and mine != other else ""


def table(cell: str, rounds: Rounds) -> list[str]:
    names = sorted({name for runs in rounds.values() for name in runs}, key=lambda name: (not name.startswith("mla"), name != "epollws", name))
    mine = next(name for name in names if name != BUSY)
    busy = BUSY if BUSY in names else None  # compared only by how long it takes: it rests no more
    lines = ["", f"`{cell}`: {len(rounds)} rounds of {len(names)} in turn, {when([run for runs in rounds.values() for run in runs.values()])}", "",
             f"| | messages per CPU second of the server | {mine} to it: median, worst | states per message | age, p50 and p99 | {mine} to it, p50: median, worst "
             + (f"| {busy} to it, p50: median, worst " if busy else "") +
             "| bytes received per message, sent per update | CPU of server, generator, others |", "|---" * (9 if busy else 8) + "|"]
    for name in names:
        runs = [r[name] for r in rounds.values() if name in r]
        of = lambda key: median(run[key] for run in runs)  # noqa: E731
        bytes_known = of("rx_per_deliv") > 0
        lines.append(
            f"| {name} | {short(of('deliv_per_brk_cpu_s'))} | {ratios(rounds, mine, name, 'deliv_per_brk_cpu_s', min)} "
            f"| {median(states_per_message(run) for run in runs):.2f} | {of('p50_us'):.0f} µs, {of('p99_us'):.0f} µs "
            f"| {ratios(rounds, mine, name, 'p50_us', max)} " + (f"| {ratios(rounds, busy, name, 'p50_us', max)} " if busy else "") +
            f"| {of('rx_per_deliv'):.0f}, {of('tx_per_update'):.0f} "
            f"| {of('brk_cpu'):.2f}, {of('cli_cpu'):.2f}, {max(run['oth_cpu'] for run in runs):.2f} |".replace(" 0, 0 |", " |" if not bytes_known else " 0, 0 |"))
    return lines


def figure(run: dict, path: str) -> str:
    """Empty: the run was kept before this was told."""
    for key in path.split("."):
        run = run.get(key, {})
    return f"{run:g}" if run != {} else ""


def own(row: str, runs: list[dict]) -> list[str]:
    lines = ["", f"{row}: `{runs[0]['command']}`, {when(runs)}", "", "| | of each run |", "|---|---|"]
    told = {name: [figure(run, path) for run in runs] for name, path in FIGURES[row].items()}
    return lines + [f"| {name} | {', '.join(figures)} |" for name, figures in told.items() if any(figures)]


def commands(runs: list[dict]) -> list[str]:
    """The newest run of each peer and of each cell says it."""
    servers: dict[str, str] = {}
    generators: dict[str, str] = {}
    cells: dict[str, str] = {}
    for run in sorted(runs, key=lambda run: run["at"]):
        servers[run["peer"]] = run["command"]
        if "generator" in run:
            start, words = run["generator"].split(" --secs ")
            generators[run["peer"]] = re.sub(r"--pid \d+", "--pid PID", start)
            cells[run["cell"]] = f"--secs {words}"
    lines = ["", "Command lines of the servers, and of the generator for each, which ends with the words of its cell; the configurations "
             "are in `tools/bench/peers.py`:", ""]
    lines += [f"* {name}: `{command}`" + (f"; `{generators[name]} …`" if name in generators else "") for name, command in sorted(servers.items())]
    return lines + ["", *(f"* {cell}: `… {words}`" for cell, words in cells.items())]


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--into", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    cells: dict[str, Rounds] = defaultdict(lambda: defaultdict(dict))
    beside: list[dict] = []
    rows: dict[str, list[dict]] = defaultdict(list)
    for file in options.files:
        for run in map(json.loads, file.read_text().splitlines()):
            if "row" in run:
                rows[run["row"]].append(run)
                continue
            cells[run["cell"]][run["round"]][run["peer"]] = run
            beside.append(run)
    lines = [line for cell, rounds in cells.items() for line in table(cell, rounds)]
    lines += [line for row, runs in rows.items() for line in own(row, runs)]
    lines += commands(beside)
    text = "\n".join(lines) + "\n"
    if not options.into:
        print(text)
        return 0
    before, rest = options.into.read_text().split(BEGIN)
    options.into.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
