#!/usr/bin/python3
"""SIGHUP: a router takes its configuration over wholly or not at all, says what changed, and disturbs no link that may stay."""
import json
import re
import signal
import urllib.request
from pathlib import Path

import operate  # noqa: F401
from commands import Commands, Talking, bin_folder, eventually, expect
from leaves import Exposer, Observer
from processes import World

DEADLINE_S = 60.0
COUNT = ("--objects", "6", "--period-ms", "20")


class Configured:
    """A router with a configuration file."""

    def __init__(self, world: World, text: str, *flags: str) -> None:
        self.world = world
        self.file = Path(world.folder.name) / "mla.toml"
        self.file.write_text(text, encoding="utf-8")
        self.router: Talking = Commands(world).start("configured", "mla-router", "--config", str(self.file), *flags)

    def url(self, number: int = 0) -> str:
        self.world.wait("it listens", lambda: len(self.listening()) > number, DEADLINE_S)
        return self.listening()[number]

    def listening(self) -> list[str]:
        return [line.split()[1] for line in self.router.lines if line.startswith("listening")]

    def varz(self) -> dict[str, object]:
        admin = [line.split()[1] for line in self.router.lines if line.startswith("admin")][-1]
        with urllib.request.urlopen(f"{admin}/varz", timeout=10) as page:
            answer: dict[str, object] = json.load(page)
        return answer

    def listeners(self) -> int:
        """As the router knows at once; what it printed of them may still be on its way."""
        listening = self.varz()["listening"]
        assert isinstance(listening, list)
        return len(listening)

    def reload(self, text: str | None) -> str:
        """Writes the file (if there is one to write), and gives what the router said of it."""
        if text is not None:
            self.file.write_text(text, encoding="utf-8")
        before, reloads = len(self.router.talk()), self.reloads()
        self.router.process.process.send_signal(signal.SIGHUP)
        eventually("the reload is through", lambda: self.reloads() > reloads)
        return self.router.talk()[before:]

    def reloads(self) -> int:
        counted = self.varz()["reloads"]
        assert isinstance(counted, dict)
        return int(counted["applied"]) + int(counted["refused"])

    def limit(self, name: str) -> int:
        limits = self.varz()["limits"]
        assert isinstance(limits, dict)
        return int(limits[name]["value"])


def run(world: World) -> None:
    west, east = world.router("west"), world.router("east")
    admin, listen = 'admin = "127.0.0.1:0"\n', 'listen = "ws://127.0.0.1:0"\n'
    base = f'{admin}{listen}parent = "{west.url}"\n'
    configured = Configured(world, base, "--rebalance-threshold", "0.2")
    url = configured.url()
    Exposer(world, "exposer", "--up", west.url, *COUNT)
    observer = Observer(world, "observer", "--up", url, *COUNT)
    world.wait("all objects arrive", lambda: observer.holds(6), DEADLINE_S)
    configured.router.wait_for_talk("child observer .*has linked")
    expect("the threshold is a limit", configured.limit("rebalance_percent") == 20)

    # What may change without touching a link.
    observer.forbid_disturbance()
    said = configured.reload(base + 'log_level = "debug"\n[limits]\nheartbeat = "1s"\nlinks = 50\n')
    expect("says what changed", all(text in said for text in (
        "log_level: info -> debug", "limits.heartbeat: 10s -> 1s", "limits.links: 10000 -> 50")), said)
    expect("limits are in force", (configured.limit("heartbeat"), configured.limit("links")) == (1000, 50))
    expect("nothing changed is said too", "nothing has changed" in configured.reload(None))
    said = configured.reload(f'{base}name = "other"\n[limits]\nrebalance_percent = 50\n')
    expect("what needs a restart is said", "name: (none) -> other needs a restart" in said, said)
    expect("what flags go before is said", "limits.rebalance_percent has changed in the file, but the command line" in said, said)
    expect("flags go before", configured.limit("rebalance_percent") == 20)
    expect("what the file does not say any more has its default", configured.limit("links") == 10000)
    configured.reload(base + "[limits]\nlinks = 50\n")

    # Whatever is wrong, nothing changes.
    good = configured.file.read_text(encoding="utf-8")
    place = re.escape(str(configured.file))
    taken = west.url  # somebody listens there
    refusals = {
        base + "[limits]\nlinsk = 60\n": place + r':5:1: unknown key "linsk" in limits; did you mean "links"',
        base + "[limits]\nlinks = 6": place + r":5:1: the last line has no end",
        "": place + ": is empty",
        base + "parent = 3\n": place + ":4:",
        base + 'log_level = "loud"\n[limits]\nlinks = 60\n': 'log level "loud" is none of',
        f'{admin}listen = ["ws://127.0.0.1:0", "{taken}"]\n[limits]\nlinks = 60\n': "Address already in use",
        f'{admin}listen = ["ws://127.0.0.1:0", "ws://0.0.0.0:0"]\n[limits]\nlinks = 60\n': "beyond loopback",
        f'{admin}{listen}parent = "http://nowhere"\n[limits]\nlinks = 60\n': "parent: .*'http'",
        f'admin = "{taken[5:]}"\n{listen}parent = "{east.url}"\n[limits]\nlinks = 60\n': "Address already in use",
    }
    for text, why in refusals.items():
        said = configured.reload(text)
        expect(f"refused with {why}", re.search(f"the former configuration stays: .*{why}", said) is not None, said)
        expect("nothing changed", configured.limit("links") == 50 and configured.listeners() == 1, text)
    configured.file.unlink()
    expect("a file that is gone", "No such file or directory" in configured.reload(None))
    configured.file.mkdir()
    expect("a file that is none", "cannot be read as a file" in configured.reload(None))
    configured.file.rmdir()
    expect("the former is still what is compared with", "nothing has changed" in configured.reload(good))

    # Listeners and the parent.
    second = f'{admin}listen = ["ws://127.0.0.1:0", "ws://127.0.0.1:0"]\nparent = ["{east.url}", "{west.url}"]\n'
    said = configured.reload(second)
    expect("a second listener", configured.listeners() == 2, said)
    expect("the parent stays, for it is still listed", "linked to parent" not in said, said)
    moved = configured.reload(f'{admin}listen = "ws+unix://{world.folder.name}/mla.sock"\nparent = ["{west.url}"]\n')
    expect("listeners are exchanged", "listen: ws://127.0.0.1:0 ws://127.0.0.1:0 -> ws+unix:" in moved, moved)
    late = Commands(world).run("mla", "--url", url, "--timeout", "300ms", "get", "x")
    expect("nobody listens there any more", late.returncode == 3, late)
    world.wait("links stay when their listener goes", lambda: observer.states > 0 and observer.holds(6), DEADLINE_S)
    newcomer = Observer(world, "newcomer", "--up", configured.url(2), *COUNT)
    world.wait("the new listener takes links", lambda: newcomer.holds(6), DEADLINE_S)

    observer.undisturbed = False  # from here the way to the exposer breaks
    configured.reload(f'{admin}{listen}parent = "{east.url}"\n')
    configured.router.wait_for_talk(f"linked to parent {east.url}")
    Exposer(world, "other", "--up", east.url, *COUNT)
    world.wait("objects come from the other parent", lambda: observer.holds(6, writer="other"), DEADLINE_S)
    expect("it ends in good order", configured.router.end(signal.SIGTERM) == 0)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
