"""Real processes under test: started, heard line by line, waited for by condition, and gone at the end whatever happens."""
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any


# How many times as long things may take in this build: set by ctest where sanitizers are at work.
SLOWER = int(os.environ.get("TEST_SLOWER", "1"))


class Failure(Exception):
    pass


class World:
    """All processes of one test. Everything they print is handled under one lock; a wait is woken by each line."""

    def __init__(self, bin_folder: Path) -> None:
        self.bin = bin_folder
        self.changed = threading.Condition()
        self.processes: list[Process] = []
        self.faults: list[str] = []  # told by handlers; any of them fails the test at the next wait
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> "World":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes:
            if kind is not None:
                process.show()
        for process in self.processes:
            process.kill()
        self.folder.cleanup()

    def start(self, name: str, command: list[str], on_line: Callable[[str], None]) -> "Process":
        process = Process(self, name, [str(self.bin / command[0]), *command[1:]], on_line)
        self.processes.append(process)
        return process

    def router(self, name: str, listen: str = "ws://127.0.0.1:0", parent: str | None = None, threads: int = 1) -> "Router":
        return Router(self, name, listen, parent, threads)

    def wait(self, what: str, condition: Callable[[], bool], seconds: float) -> float:
        """Waits until the condition holds; returns how long that took."""
        start = time.monotonic()
        seconds *= SLOWER
        with self.changed:
            while not self.faults and not condition():
                left = start + seconds - time.monotonic()
                if left <= 0:
                    raise Failure(f"not within {seconds:.0f} s: {what}")
                self.changed.wait(left)
            if self.faults:
                raise Failure("\n".join(self.faults[:20]))
        return time.monotonic() - start


class Process:
    def __init__(self, world: World, name: str, command: list[str], on_line: Callable[[str], None]) -> None:
        self.world, self.name = world, name
        self.stderr = Path(world.folder.name) / f"{len(world.processes)}-{name}.stderr"
        with self.stderr.open("wb") as sink:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, text=True,
                                            env={**os.environ, "NO_COLOR": "1"})
        self.on_line = on_line
        self.wanted_to_live = True
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.world.changed:
                try:
                    self.on_line(line.rstrip("\n"))
                except Exception as error:  # a line nobody understands is a finding, not the end of the thread
                    self.world.faults.append(f"{self.name}: {error!r} at {line!r}")
                self.world.changed.notify_all()
        status = self.process.wait()
        with self.world.changed:
            if self.wanted_to_live:
                self.world.faults.append(f"{self.name} ended by itself with status {status}")
            self.world.changed.notify_all()

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self, number: int) -> None:
        """Sends the signal and waits for the end; nothing this process still says is heard afterwards."""
        self.wanted_to_live = False
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait()
        self.reader.join()

    def kill(self) -> None:
        self.end(signal.SIGKILL)
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe:
                    pipe.close()
            except BrokenPipeError:
                pass

    def show(self) -> None:
        print(f"---- {self.name}: {self.process.poll()}\n{self.stderr.read_text(errors='replace')[-2000:]}")


class Router:
    """A mla-router that can be killed and started again at the same address."""

    def __init__(self, world: World, name: str, listen: str, parent: str | None, threads: int) -> None:
        self.world, self.name, self.parent, self.threads = world, name, parent, threads
        self.url = ""
        self.start(listen)

    def start(self, listen: str) -> None:
        def on_line(line: str) -> None:
            if match := re.fullmatch(r"listening (ws(?:\+unix)?://\S+)", line):
                self.url = match.group(1)

        self.url = ""
        parent = ["--parent", self.parent] if self.parent else []
        self.process = self.world.start(self.name, ["mla-router", "--listen", listen, "--admin", "none", "--name", self.name,
                                                    "--threads", str(self.threads), *parent],
                                        on_line)
        self.world.wait(f"{self.name} listens", lambda: self.url != "", 20)

    def kill_and_restart(self) -> None:
        url = self.url
        self.process.kill()
        self.start(url)


def json_lines(handle: Callable[[dict[str, Any]], None]) -> Callable[[str], None]:
    return lambda line: handle(json.loads(line))
