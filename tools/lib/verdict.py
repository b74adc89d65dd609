#!/usr/bin/python3
"""Says whether a test run was whole: every chosen test ran and passed, and every expected name was among them.

ctest's own exit status does not say that: it is 0 when tests were skipped. Prints what is wrong, then two lines, the last
being `tests: N passed, 0 failed, 0 skipped`. Exits 1 unless all is well.
"""
import argparse
import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def test_names(show_only_json: str) -> list[str]:
    """Names in the answer of `ctest --show-only=json-v1`."""
    return [test["name"] for test in json.loads(show_only_json)["tests"]]


def outcomes(junit_xml: str) -> dict[str, str]:
    """Name -> passed | failed | skipped. Not run and disabled tests count as skipped; a name met twice keeps its worst."""
    result: dict[str, str] = {}
    order = ["passed", "skipped", "failed"]
    for case in ElementTree.fromstring(junit_xml).iter("testcase"):
        status = case.get("status")
        if status == "run" and case.find("failure") is None and case.find("skipped") is None:
            outcome = "passed"
        elif status == "fail" or case.find("failure") is not None:
            outcome = "failed"
        else:
            outcome = "skipped"
        name = case.get("name", "")
        result[name] = max(result.get(name, "passed"), outcome, key=order.index)
    return result


def expected_names(text: str) -> list[str]:
    """One name per line; blank lines and lines that start with # say nothing."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def judge(every: list[str], chosen: list[str], ran: dict[str, str], expected: list[str]) -> list[str]:
    """What is wrong, a line each; empty when nothing is."""
    wrong = [f"{outcome}: {name}" for name, outcome in sorted(ran.items()) if outcome != "passed"]
    wrong += [f"not run: {name}" for name in chosen if name not in ran]
    wrong += [f"missing: {name} (tests/expected.txt)" for name in expected if name not in every]
    wrong += [f"named twice: {name}" for name in sorted({n for n in every if every.count(n) > 1})]
    if not chosen:
        wrong.append("there is no test at all")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("all", "chosen", "junit", "expected"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    options = parser.parse_args()

    every = test_names(options.all.read_text())
    chosen = test_names(options.chosen.read_text())
    ran = outcomes(options.junit.read_text()) if options.junit.exists() else {}
    wrong = judge(every, chosen, ran, expected_names(options.expected.read_text()))
    for line in wrong:
        print(line)
    counts = {outcome: list(ran.values()).count(outcome) for outcome in ("passed", "failed", "skipped")}
    counts["skipped"] += sum(name not in ran for name in chosen)
    print(f"left out by --quick: {len(every) - len(chosen)}; time: {options.seconds} s")
    print(f"tests: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
