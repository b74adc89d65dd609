#!/usr/bin/python3
"""`expose --confirm`: told when all observers hold a state, and how many they are; one that says nothing holds it up, until it is cut off."""
import json
import signal
import sys
from pathlib import Path
from typing import Any

from commands import PATIENCE_S, Commands, Talking, World, bin_folder, eventually, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "guests"))
from raw import BINARY, Guest, cbor, hello  # noqa: E402

OBSERVES_FRESH = 1 | 2


def confirmations(exposer: Talking) -> list[dict[str, Any]]:
    return [event for event in map(json.loads, exposer.lines) if event["event"] == "confirmed"]


def version_of(observer: Talking, data: str) -> list[int]:
    line = json.loads(observer.wait_for_line(f'"data":"{data}"'))
    version: list[int] = line["version"]
    return version


def test_observers(commands: Commands, url: str) -> None:
    exposer = commands.start("exposer", "mla", "--url", url, "expose", "temp", "--tag", "demo", "--stdin", "--confirm", "--jsonl")
    exposer.process.say('"first"')
    observers = [commands.start(f"observer {n}", "mla", "--url", url, "observe", "temp", "--tag", "demo", "--jsonl") for n in range(3)]
    for observer in observers:
        observer.wait_for_line('"data":"first"')
    exposer.wait_for_line('"event":"confirmed".*"observers":3}')
    exposer.process.say('"second"')
    version = version_of(observers[0], "second")
    eventually("all three hold it", lambda: confirmations(exposer)[-1]["version"] == version)
    last = confirmations(exposer)[-1]
    expect("the line", last == {"event": "confirmed", "object": {"tags": ["demo"], "json": "temp"}, "version": version, "observers": 3},
           last)

    with Guest(url, PATIENCE_S) as guest:  # observes, and never says that it holds anything
        guest.upgrade().frame(BINARY, hello() + cbor([16, 1, '[["demo"],"temp"]']) +
                              cbor([41, 1, OBSERVES_FRESH, None, 0, 0, [], None, None, None, None]))
        received = b""
        while b'"second"' not in received:
            received += guest.read_frame()[1]
        exposer.process.say('"third"')
        for observer in observers:
            observer.wait_for_line('"data":"third"')
        while b'"third"' not in received:
            received += guest.read_frame()[1]
        expect("once more through the router", commands.run("mla", "--url", url, "get", "temp", "--tag", "demo").returncode == 0)
        expect("not confirmed while one has not said so", all(c["version"] <= version for c in confirmations(exposer)),
               confirmations(exposer))
    version = version_of(observers[0], "third")
    eventually("confirmed without the one that was cut off", lambda: confirmations(exposer)[-1]["version"] == version)
    expect("by three", confirmations(exposer)[-1]["observers"] == 3, confirmations(exposer)[-1])

    observers[2].end(signal.SIGINT)
    eventually("one less is told", lambda: confirmations(exposer)[-1]["observers"] == 2)
    for process in (exposer, *observers[:2]):
        process.end(signal.SIGINT)


def test_for_people(commands: Commands, url: str) -> None:
    exposer = commands.start("people", "mla", "--url", url, "expose", "x", "--value", "1", "--confirm", "--verbose")
    observer = commands.start("one", "mla", "--url", url, "observe", "x")
    exposer.wait_for_talk(r"x \[\d+,0\] is held by 1 observer\n")
    for process in (exposer, observer):
        process.end(signal.SIGINT)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        url = world.router("router").url
        test_observers(commands, url)
        test_for_people(commands, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
