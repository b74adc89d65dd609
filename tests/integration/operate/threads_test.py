#!/usr/bin/python3
"""A router with three threads: three engines, among which it spreads its links, and which are one router to all outside."""
import json
import re
import signal
import subprocess
import urllib.request
from typing import Any

import operate  # noqa: F401
from commands import bin_folder
from processes import Failure, World
from raw import Guest

THREADS = 3
EACH = 4


def children(engine: dict[str, Any]) -> int:
    return sum(link["role"] == "child" and link["address"] != "inproc" for link in engine["links"])


def run(world: World) -> None:
    said: dict[str, str] = {}

    def on_line(line: str) -> None:
        if match := re.fullmatch(r"(listening|admin) (\S+)", line):
            said[match.group(1)] = match.group(2)

    router = world.start("router", ["mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "127.0.0.1:0", "--name", "many",
                                    "--threads", str(THREADS)], on_line)
    world.wait("the router is ready", lambda: len(said) == 2, 20)

    def varz() -> dict[str, Any]:
        with urllib.request.urlopen(said["admin"] + "/varz", timeout=20) as answer:
            return json.load(answer)

    guests = [Guest(said["listening"], 50).welcomed() for _ in range(THREADS * EACH)]
    seen = varz()
    engines = [seen, *seen["engines"]]
    if [engine["name"] for engine in engines] != ["many", "many/1", "many/2"]:
        raise Failure(f"these engines: {[engine['name'] for engine in engines]}")
    if [children(engine) for engine in engines] != [EACH] * THREADS:
        raise Failure(f"the links are spread so: {[children(engine) for engine in engines]}")
    if any(engine["path"] != [seen["node"], engine["node"]] for engine in engines[1:]):
        raise Failure("the further engines are no children of the first")
    print(f"{len(guests)} links, {EACH} at each of {THREADS} engines")

    mla = [str(world.bin / "mla"), "--url", said["listening"]]
    expose = world.start("expose", ["mla", "--url", said["listening"], "expose", "temp", "--tag", "demo", "--value", "21"],
                         lambda line: None)
    for _ in range(2 * THREADS):  # each comes in at another engine
        got = subprocess.run([*mla, "get", "temp", "--tag", "demo"], capture_output=True, text=True, timeout=50)
        if got.stdout.strip() != "21":
            raise Failure(f"get printed {got.stdout!r} {got.stderr!r}")
    tree = subprocess.run([*mla, "tree"], capture_output=True, text=True, timeout=50).stdout
    print(tree)
    if not all(name in tree for name in ("many", "many/1", "many/2")):
        raise Failure("mla tree does not show all engines")

    expose.end(signal.SIGINT)
    for guest in guests[1:]:
        guest.socket.close()
    router.end(signal.SIGTERM)
    if router.process.returncode != 0:
        raise Failure(f"the router ended with {router.process.returncode}")
    guests[0].sent_away("shutting_down")


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
