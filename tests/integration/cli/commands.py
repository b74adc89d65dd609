"""The commands under test: run to their end, or beside the test; what they print is waited for, never slept for."""
import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tree"))
from processes import SLOWER, Failure, Process, World  # noqa: E402

PATIENCE_S = 30.0


def clean_environment(**more: str) -> dict[str, str]:
    """Without settings that the caller's shell may have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLA_")}
    return {**kept, "NO_COLOR": "1", **more}


def bin_folder() -> Path:
    parser = ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    folder: Path = parser.parse_args().bin
    for name in [name for name in os.environ if name.startswith("MLA_")]:
        del os.environ[name]
    return folder


class Commands:
    def __init__(self, world: World) -> None:
        self.world = world

    def run(self, *words: str, given: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.world.bin / words[0]), *words[1:]]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=PATIENCE_S * SLOWER,
                              stdin=subprocess.DEVNULL if given is None else None, env=clean_environment(**environment), check=False)

    def start(self, name: str, *words: str) -> "Talking":
        return Talking(self.world, name, list(words))


class Talking:
    """A process that goes on; its lines are kept."""

    def __init__(self, world: World, name: str, words: list[str]) -> None:
        self.world = world
        self.lines: list[str] = []
        self.process: Process = world.start(name, words, self.lines.append)

    @property
    def pid(self) -> int:
        return self.process.process.pid

    def talk(self) -> str:
        """What it said on standard error so far."""
        return self.process.stderr.read_text(errors="replace")

    def wait_for_line(self, pattern: str, since: int = 0) -> str:
        def found() -> list[str]:
            return [line for line in self.lines[since:] if re.search(pattern, line)]

        self.world.wait(f"{self.process.name} prints {pattern}", lambda: bool(found()), PATIENCE_S)
        return found()[0]

    def wait_for_talk(self, pattern: str, times: int = 1) -> None:
        eventually(f"{self.process.name} says {pattern}", lambda: len(re.findall(pattern, self.talk())) >= times)

    def end(self, number: int) -> int:
        self.process.end(number)
        return self.process.process.returncode


def eventually(what: str, condition: Callable[[], bool]) -> None:
    """For conditions that no line announces."""
    deadline = time.monotonic() + PATIENCE_S * SLOWER
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"not within {PATIENCE_S * SLOWER:.0f} s: {what}")
        time.sleep(0.02)


def expect(what: str, truth: bool, shown: object = "") -> None:
    if not truth:
        raise Failure(f"{what}: {shown}")
