"""What the driver knows of its leaves (leaf.cc), from the lines they print."""
import time
from dataclasses import dataclass
from typing import Any

from processes import World, json_lines


@dataclass(frozen=True)
class Seen:
    epoch: tuple[int, str]
    version: tuple[int, ...]
    synchronized: bool
    writer: str
    tick: int
    at: float  # when the driver read it


def seen(event: dict[str, Any]) -> Seen:
    return Seen((event["epoch"][0], event["epoch"][1]), tuple(event["version"]), event.get("synchronized", True),
                event["data"]["writer"], event["data"]["tick"], time.monotonic())


class Observer:
    """Holds the newest state of each object, and checks P2 at every line."""

    def __init__(self, world: World, name: str, *arguments: str) -> None:
        self.world, self.name = world, name
        self.newest: dict[str, Seen] = {}
        self.first_by: dict[str, float] = {}  # writer -> when its first state was seen
        self.states = self.ended = 0
        self.url = ""
        self.undisturbed = False
        self.process = world.start(name, ["tree_leaf", "--role", "observe", "--name", name, *arguments], json_lines(self.hear))

    def hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "listening":
            self.url = event["url"]
        elif event["event"] == "ended":  # the stream's end; a later one of the same object starts anew
            self.ended += 1
            self.check_undisturbed(event)
            self.newest.pop(event["object"], None)
        elif event["event"] == "state":
            self.states += 1
            new, old = seen(event), self.newest.get(event["object"])
            if old and not goes_on(old, new):
                self.world.faults.append(f"{self.name}: {event['object']} went from {old} to {new}")
            if not new.synchronized:
                self.check_undisturbed(event)
            self.newest[event["object"]] = new
            self.first_by.setdefault(new.writer, new.at)

    def forbid_disturbance(self) -> None:
        """From now on no stream may end and no state may be out of touch with its exposer."""
        with self.world.changed:
            self.undisturbed = True

    def check_undisturbed(self, event: dict[str, Any]) -> None:
        if self.undisturbed:
            self.world.faults.append(f"{self.name} was disturbed: {event}")

    def holds(self, count: int, **wanted: Any) -> bool:
        """So many objects, all synchronized, and as wanted: writer=…, above_tick=…, since=… (read after that time)."""
        return len(self.newest) == count and all(
            s.synchronized and s.writer == wanted.get("writer", s.writer) and s.tick > wanted.get("above_tick", -1) and
            s.at >= wanted.get("since", 0) for s in self.newest.values())


def goes_on(old: Seen, new: Seen) -> bool:
    """P2: neither epoch nor version goes back, and the same version comes again only when freshness changed."""
    return new.epoch >= old.epoch and new.version >= old.version and (
        new.version > old.version or new.synchronized != old.synchronized)


class Exposer:
    def __init__(self, world: World, name: str, *arguments: str) -> None:
        self.name = name
        self.held: dict[str, Seen] = {}
        self.holding = False
        self.elected: set[str] = set()
        self.url = ""
        self.process = world.start(name, ["tree_leaf", "--role", "expose", "--name", name, *arguments], json_lines(self.hear))

    def hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "listening":
            self.url = event["url"]
        elif event["event"] == "elected":
            self.elected.add(event["object"])
        elif event["event"] == "withdrawn":
            self.elected.discard(event["object"])
        elif event["event"] == "held":
            self.held[event["object"]] = seen(event)
        elif event["event"] == "holding":
            self.holding = True

    def hold(self, world: World) -> dict[str, Seen]:
        """Stops its updates; the last state it had accepted of each object."""
        self.holding = False
        self.process.say("hold")
        world.wait(f"{self.name} holds", lambda: self.holding, 20)
        return self.held


def agree(held: dict[str, Seen], observers: list[Observer]) -> bool:
    """P1: every observer holds each object's last accepted state, synchronized, and all hold the same version of it. The version may
    be above the one the exposer was told: a default version is raised when a greater one was heard of."""
    for name, last in held.items():
        found = [observer.newest.get(name) for observer in observers]
        if not all(s and s.synchronized and (s.writer, s.tick) == (last.writer, last.tick) and s.version >= last.version
                   for s in found):
            return False
        if len({s.version for s in found if s}) != 1:
            return False
    return True
