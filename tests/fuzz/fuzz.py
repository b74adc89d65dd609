#!/usr/bin/python3
"""Runs fuzz targets. A corpus is a text file, corpus/TARGET.hex: one input a line.

usage: fuzz.py run TARGET --program FILE --seconds S --runs N      until both are reached; status 1 at a finding
       fuzz.py plant TARGET --program FILE --seconds S             status 1 when nothing is found within the time
       fuzz.py reach TARGET --program FILE --objects DIR --least P SOURCES…
                                                                   replays the corpus; status 1 when less than P % of the
                                                                   sources' lines ran (gcov)
       fuzz.py grow TARGET --program FILE --seconds S [--seeds DIR]  fuzzes, then writes the smallest corpus that reaches the
                                                                   same; DIR: a folder of further inputs
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MAX_INPUT = {"frames": 4096, "heads": 4096, "descriptors": 4500, "engine": 2048, "listener": 4096}
# Many short stories find more than few long ones; the long ones of the corpus are told whole when it is replayed.
MAX_RUN = MAX_INPUT | {"engine": 64}
# Who lives on the corpus of another: the frames' is of CBOR.
SHARED = {"heads": "frames"}
# Each input reaches so much that to choose inputs by how rare that is takes most of the time.
WIDE = {"engine", "listener"}
# Short inputs find as much as long ones, and a repository is no place for megabytes.
MOST_TEXT = 150_000
# No input may take longer, in seconds: what hangs is a finding too.
SLOWEST = 10
FINDING = re.compile(r"^(?:broken: .*|SUMMARY: .*|ALARM: .*|==\d+== ?ERROR: libFuzzer: .*|==\d+==ERROR: .*)$", re.MULTILINE)

# What a target says of itself at its end.
TOLD = re.compile(r"^nearest to .*$", re.MULTILINE)


def corpus_file(target: str) -> Path:
    return HERE / "corpus" / f"{SHARED.get(target, target)}.hex"


def unpack(target: str, folder: Path) -> int:
    """Writes each input of the corpus into a file of its own."""
    inputs = [bytes.fromhex(line) for line in corpus_file(target).read_text().split()]
    for data in inputs:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
    return len(inputs)


def pack(folder: Path, target: str) -> int:
    lines, size = [], 0
    for data in sorted({file.read_bytes() for file in folder.iterdir()}, key=lambda data: (len(data), data)):
        size += 2 * len(data) + 1
        if data and size <= MOST_TEXT:
            lines.append(f"{data.hex()}\n")
    if not lines:
        sys.exit(f"{target}: nothing is left of the corpus")
    corpus_file(target).write_text("".join(lines))
    return len(lines)


def options(target: str, artifacts: Path, most: int) -> list[str]:
    return [f"-max_len={most}", f"-timeout={SLOWEST}", "-rss_limit_mb=2048", "-print_final_stats=1",
            # Leaks are looked for at the end: kept tables look like leaks to who looks after each input, and runs it once more.
            "-detect_leaks=0", f"-entropic={int(target not in WIDE)}", "-seed=1", f"-artifact_prefix={artifacts}/"]


def environment() -> dict[str, str]:
    return os.environ | {
        "ASAN_OPTIONS": "malloc_context_size=5:quarantine_size_mb=16:handle_abort=1:detect_leaks=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }


def executions(log: str) -> int:
    numbers = re.findall(r"^stat::number_of_executed_units: (\d+)$", log, re.MULTILINE)
    return int(numbers[-1]) if numbers else 0


def fuzz(target: str, program: str, folder: Path, artifacts: Path, *more: str | Path,
         longest: dict[str, int] = MAX_RUN) -> tuple[int, str]:
    """libFuzzer writes what it finds into `folder`."""
    found = subprocess.run([program, *options(target, artifacts, longest[target]), folder, *more], env=environment(), text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    return found.returncode, found.stdout


def show_finding(log: str, artifacts: Path) -> None:
    print("\n".join(log.splitlines()[-80:]))
    for file in artifacts.iterdir():
        print(f"the input, as a line of the corpus: {file.read_bytes().hex()}")


def run(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as artifacts:
        kept = unpack(args.target, Path(folder))
        start, done, told = time.monotonic(), 0, set()
        # libFuzzer ends at whichever bound comes first.
        while done < args.runs or time.monotonic() - start < args.seconds:
            left = args.seconds - (time.monotonic() - start)
            bound = [f"-runs={args.runs - done}"] if done < args.runs else [f"-max_total_time={max(1, round(left))}"]
            status, log = fuzz(args.target, args.program, Path(folder), Path(artifacts), *bound)
            if status != 0:
                show_finding(log, Path(artifacts))
                return 1
            if executions(log) == 0:
                print(f"{args.program} runs nothing")
                return 1
            done += executions(log)
            told |= set(TOLD.findall(log))
        grown = len(list(Path(folder).iterdir()))
    print(f"{args.target}: {done} executions in {time.monotonic() - start:.0f} s from {kept} inputs, {grown} at the end; nothing found")
    print("\n".join(sorted(told)))
    return 0


def plant(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as artifacts:
        unpack(args.target, Path(folder))
        start = time.monotonic()
        status, log = fuzz(args.target, args.program, Path(folder), Path(artifacts), f"-max_total_time={args.seconds}")
        finding = FINDING.search(log)
        if status == 0 or not finding:
            print("\n".join(log.splitlines()[-20:]))
            print(f"{args.target}: the planted slip was not found within {args.seconds} s")
            return 1
    print(f"{args.target}: found after {executions(log)} executions and {time.monotonic() - start:.1f} s: {finding[0]}")
    return 0


def grow(args: argparse.Namespace) -> int:
    if args.target in SHARED:
        sys.exit(f"{args.target} has no corpus of its own: it is that of {SHARED[args.target]}")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as small, \
            tempfile.TemporaryDirectory() as artifacts:
        if corpus_file(args.target).exists():
            unpack(args.target, Path(folder))
        for seed in Path(args.seeds).iterdir() if args.seeds else []:
            (Path(folder) / seed.name).write_bytes(seed.read_bytes())
        status, log = fuzz(args.target, args.program, Path(folder), Path(artifacts), f"-max_total_time={args.seconds}",
                           longest=MAX_INPUT)
        if status == 0:
            status, log = fuzz(args.target, args.program, Path(small), Path(artifacts), "-merge=1", folder, longest=MAX_INPUT)
        if status != 0:
            show_finding(log, Path(artifacts))
            return 1
        count = pack(Path(small), args.target)
    print(f"{args.target}: {count} inputs, {corpus_file(args.target).stat().st_size} B of text")
    return 0


def lines_run(objects: Path, sources: list[Path]) -> dict[Path, dict[int, bool]]:
    """Per source: which of its lines there are, and whether each ran."""
    result: dict[Path, dict[int, bool]] = {source: {} for source in sources}
    for notes in sorted(objects.rglob("*.gcno")):
        out = subprocess.run(["gcov", "--json-format", "--stdout", notes.resolve()], capture_output=True, text=True, check=True,
                             cwd=objects).stdout
        for file in json.loads(out)["files"]:
            # The compiler may have been called with a path relative to whatever folder.
            source = next((s for s in sources if file["file"].endswith(str(s.relative_to(ROOT)))), None)
            if source is None:
                continue
            lines = result[source]
            for line in file["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, False) or line["count"] > 0
    return result


def reach(args: argparse.Namespace) -> int:
    for counts in args.objects.rglob("*.gcda"):
        counts.unlink()
    with tempfile.TemporaryDirectory() as folder:
        kept = unpack(args.target, Path(folder))
        replayed = subprocess.run([args.program, folder], stdout=subprocess.DEVNULL)
    if replayed.returncode != 0:
        print(f"replaying the corpus of {args.target} ended with {replayed.returncode}")
        return 1
    ran = lines_run(args.objects, [source.resolve() for source in args.sources])
    total = there = 0
    for source, lines in ran.items():
        if not lines:
            print(f"{source.name}: gcov knows no line of it")
            return 1
        count = sum(lines.values())
        missed = [number for number, seen in sorted(lines.items()) if not seen]
        print(f"{source.name}: {count} of {len(lines)} lines" + (f", not {missed}" if missed else ""))
        total, there = total + count, there + len(lines)
    share = 100 * total / there
    print(f"{args.target}: {kept} inputs reach {share:.1f} % of {there} lines")
    return 0 if share >= args.least else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = {"run": run, "plant": plant, "reach": reach, "grow": grow}
    parser.add_argument("verb", choices=verbs)
    parser.add_argument("target", choices=sorted(MAX_INPUT))
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--least", type=float, default=90)
    parser.add_argument("--objects", type=Path)
    parser.add_argument("--seeds")
    parser.add_argument("sources", nargs="*", type=Path)
    args = parser.parse_intermixed_args()
    return verbs[args.verb](args)


if __name__ == "__main__":
    sys.exit(main())
