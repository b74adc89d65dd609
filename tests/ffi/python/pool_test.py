#!/usr/bin/python3
"""The pool of workers of ffi/python/examples: every question is answered, though a worker is killed in the middle.

usage: pool_test.py --bin DIR --example POOL.PY
"""
import argparse
import math
import re
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration/tree"))
from processes import Process, World  # noqa: E402

PATIENCE_S = 120.0
LONG = 30_000_000
SHORT = [0, 1, 2, 3, 10, 1000, 99_991, 100_000, 100_003, 250_000, 1_000_000, 1_299_709]


def primes_below(n: int) -> int:
    marks = bytearray([1]) * max(n, 2)
    marks[0] = marks[1] = 0
    for i in range(2, math.isqrt(n) + 1):
        if marks[i]:
            marks[i * i::i] = bytes(len(range(i * i, n, i)))
    return sum(marks[:n])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--example", type=Path, required=True)
    options = parser.parse_args()
    with World(options.bin.resolve()) as world:
        url = world.router("router").url
        pool = ["/usr/bin/python3", "-B", str(options.example.resolve())]
        taken: dict[int, list[tuple[str, int]]] = defaultdict(list)  # by question: by whom, from where
        at: dict[tuple[str, int], int] = {}
        declined: set[str] = set()
        workers: dict[str, Process] = {}

        def worker(name: str) -> None:
            def on_line(line: str) -> None:
                if match := re.fullmatch(r"taken (\d+) from (\d+)", line):
                    taken[int(match[1])].append((name, int(match[2])))
                elif match := re.fullmatch(r"at (\d+) (\d+)", line):
                    at[name, int(match[1])] = int(match[2])
                elif line.startswith("declined"):
                    declined.add(name)
            workers[name] = world.start(name, [*pool, "worker", "--url", url], on_line)

        for name in ("one", "two", "three"):
            worker(name)
        # All three are there: each declines what is no question.
        lines: dict[str, list[str]] = defaultdict(list)
        bad = world.start("bad", [*pool, "ask", "--url", url, "rubbish"], lines["bad"].append)
        bad.wanted_to_live = False
        world.wait("all decline", lambda: len(declined) == 3, PATIENCE_S)
        world.wait("that is told", lambda: len(lines["bad"]) == 1, PATIENCE_S)
        assert lines["bad"] == ['rubbish declined a question is {"below": N}, N up to 1000000000'], lines["bad"]

        questions = [*SHORT, LONG]
        for asker in ("first", "second"):  # who ask the same share the answers
            started = world.start(asker, [*pool, "ask", "--url", url, *map(str, questions)], lines[asker].append)
            started.wanted_to_live = False
        world.wait("the long one is under way", lambda: any(n == LONG and reached > STEPS for (_, n), reached in at.items()), PATIENCE_S)
        victim = next(name for (name, n), reached in at.items() if n == LONG and reached > STEPS)
        reached = at[victim, LONG]
        assert reached < LONG, "answered before its worker could be killed"
        workers[victim].kill()
        for asker in ("first", "second"):
            world.wait(f"{asker} has all answers", lambda: len(lines[asker]) == len(questions), PATIENCE_S)
            wanted = {f"{{'below': {n}}} is {primes_below(n)}" for n in questions}
            assert set(lines[asker]) == wanted, set(lines[asker]) ^ wanted
        # Shares may be balanced before and after: the victim's own part is the one before the first of another that follows it.
        after = [name for name, _ in taken[LONG]].index(victim) + 1
        second, again = taken[LONG][after]
        assert second != victim and again > 0, taken[LONG]
        spread = {name for takes in taken.values() for name, _ in takes}
        assert spread == {"one", "two", "three"}, f"all work was done by {spread}"
        print(f"pool: {len(questions)} questions asked twice, {sum(map(len, taken.values()))} taken by {len(spread)} workers; "
              f"{victim} killed at {reached}, {second} went on from {again}")


STEPS = 500_000

if __name__ == "__main__":
    main()
