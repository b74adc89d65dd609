#!/usr/bin/python3
"""Builds a sanitizer preset, or runs its tests.

usage: run_preset.py build PRESET    configures and builds build/PRESET
       run_preset.py clean PRESET    every test there but the planted bugs must run and pass, and no process may be reported
       run_preset.py red PRESET      every planted bug there must be reported, in the sanitizer's words
"""
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/lib"))
import verdict  # noqa: E402

# What becomes of the test of each bug, and what is reported. Unheard: in a process whose status nobody asks for.
PLANTED = {
    "planted: beyond-the-end": ("failed", "AddressSanitizer: heap-buffer-overflow"),
    "planted: after-free": ("failed", "AddressSanitizer: heap-use-after-free"),
    "planted: overflow": ("failed", "runtime error: signed integer overflow"),
    "planted: leak": ("failed", "LeakSanitizer: detected memory leaks"),
    "planted: race": ("failed", "ThreadSanitizer: data race"),
    "planted: unheard leak": ("passed", "LeakSanitizer: detected memory leaks"),
    "planted: unheard race": ("passed", "ThreadSanitizer: data race"),
}
# Each preset runs at least something of each of these.
WANTED = {
    "asan": ["P14 ", "simulation: P1 P2 P3 P4 P6 P7 P10 P11 P13 on 50 seeds", "1C: 300 silent sockets", "facade: threads end",
             "1A: a tree of seven processes", "1C: the tree of seven processes does the same with three threads", "1C: the main job",
             "C: every function refuses null, freed and foreign handles, from two threads", "C: two thousand contracts"],
    "tsan": ["1C: 300 silent sockets", "facade: threads end", "1A: a tree of seven processes", "1C: the main job",
             "1C: the tree of seven processes does the same with three threads", "C: two thousand contracts",
             "C: every function refuses null, freed and foreign handles, from two threads"],
}
# A test that hangs must not take the time of all.
SLOWEST_TEST_S = 300


@dataclass
class Run:
    outcomes: dict[str, str]
    log: str
    reports: str  # what sanitizers said, in whichever process


def environment(reports: Path) -> dict[str, str]:
    """No suppressions, whatever the caller's environment says. Reports go into files: a process that a test kills, or whose
    status it does not ask for, must be heard too."""
    common = f"halt_on_error=1:exitcode=66:log_path={reports}/report"
    return os.environ | {
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:strict_string_checks=1",
        "LSAN_OPTIONS": "",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "TSAN_OPTIONS": f"{common}:second_deadlock_stack=1",
    }


def as_mapped(*command: str | Path) -> list[str | Path]:
    """TSan of clang 14 finds no room where the kernel strews what it maps more widely than it used to."""
    bits = Path("/proc/sys/vm/mmap_rnd_bits")
    return (["setarch", "-R"] if bits.exists() and int(bits.read_text()) > 28 else []) + list(command)


def build(preset: str, folder: Path) -> int:
    start = time.monotonic()
    # The tests' names are asked for at the build, so what was built runs there already.
    for command in (["cmake", "--preset", preset], as_mapped("cmake", "--build", folder, "-j", str(os.cpu_count()))):
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            print("\n".join(done.stdout.splitlines()[-60:]))
            return 1
    print(f"{preset}: built in {time.monotonic() - start:.0f} s")
    return 0


def names_of(folder: Path, *choice: str) -> list[str]:
    listed = subprocess.run(["ctest", "--test-dir", folder, *choice, "--show-only=json-v1"], check=True, capture_output=True,
                            text=True)
    return verdict.test_names(listed.stdout)


def run(folder: Path, *choice: str) -> Run:
    with tempfile.TemporaryDirectory() as temporary:
        junit, reports = Path(temporary) / "junit.xml", Path(temporary) / "reports"
        reports.mkdir()
        done = subprocess.run(as_mapped("ctest", "--test-dir", folder, *choice, "-j", str(os.cpu_count() + 2), "--timeout",
                                        str(SLOWEST_TEST_S), "--output-on-failure", "--output-junit", junit),
                              env=environment(reports), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        return Run(verdict.outcomes(junit.read_text()) if junit.exists() else {}, done.stdout,
                   "\n".join(file.read_text(errors="replace") for file in sorted(reports.iterdir())))


def clean(preset: str, folder: Path) -> int:
    start = time.monotonic()
    choice = ["--label-exclude", "^planted$"]
    names, ran = names_of(folder, *choice), run(folder, *choice)
    wrong = verdict.judge(names, names, ran.outcomes, [])
    wrong += [f"no test is named {name}…" for name in WANTED[preset] if not any(n.startswith(name) for n in names)]
    if ran.reports:
        wrong.append("a sanitizer reported something, see above")
    if wrong:
        print("\n".join(line for line in ran.log.splitlines() if "Passed" not in line and " Start " not in line)[-20000:])
        print(ran.reports[:20000])
        print("\n".join(wrong))
        return 1
    print(f"{preset}: {len(ran.outcomes)} tests passed in {time.monotonic() - start:.0f} s, and no sanitizer said a word")
    return 0


def red(preset: str, folder: Path) -> int:
    names = names_of(folder, "--label-regex", "^planted$")
    wrong = [] if names else ["no bug is planted"]
    for name in names:
        ran = run(folder, "--tests-regex", f"^{name}$")
        expected, said = PLANTED[name]
        if ran.outcomes != {name: expected} or said not in ran.reports:
            print(ran.log, ran.reports)
            wrong.append(f"{name}: not {expected} with the words: {said}")
    if wrong:
        print("\n".join(wrong))
        return 1
    print(f"{preset}: red for " + ", ".join(name.removeprefix("planted: ") for name in names))
    return 0


def main() -> int:
    verbs = {"build": build, "clean": clean, "red": red}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs or sys.argv[2] not in WANTED:
        print(__doc__, file=sys.stderr)
        return 2
    return verbs[sys.argv[1]](sys.argv[2], ROOT / "build" / sys.argv[2])


if __name__ == "__main__":
    sys.exit(main())
