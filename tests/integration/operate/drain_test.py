#!/usr/bin/python3
"""A rolling restart: each router of a tree is asked to end (SIGTERM) and started again at its address, while states go on.

                       root
                     /      \\
                 west        east          each leaf knows both, half of them in this order, half in the other
               2 exposers, 6 observers     one state of each object every 20 ms

For each restart the longest time that any observer went without a new state of any object is printed; docs/operation.md quotes it.
"""
import signal
import time

import operate  # noqa: F401
from commands import bin_folder, expect
from leaves import Exposer, Observer
from processes import Router, World

OBJECTS = 6
DEADLINE_S = 60.0
BOUND_S = 3.0  # ten times what was measured when restarts follow each other quickly (docs/operation.md)
DRAIN_S = 30.0
AFTERMATH_S = 1.5  # so long gaps are looked for after a router is back, for children come back in their own time


class GapObserver(Observer):
    """Also measures how long it waits for the next state of each object, whatever happens to the streams."""

    def __init__(self, world: World, name: str, *arguments: str) -> None:
        self.new_at: dict[str, float] = {}
        self.longest = 0.0
        super().__init__(world, name, *arguments)

    def hear(self, event: dict[str, object]) -> None:
        before = self.newest.get(str(event["object"]))
        super().hear(event)
        if event["event"] == "state" and event["synchronized"]:
            new = self.newest[str(event["object"])]
            if before is None or new.version > before.version:
                self.longest = max(self.longest, new.at - self.new_at.get(str(event["object"]), new.at))
                self.new_at[str(event["object"])] = new.at


def restart(world: World, router: Router, observers: list[GapObserver]) -> float:
    def all_new_since(moment: float) -> bool:
        return all(o.holds(OBJECTS, since=moment) and min(o.new_at.values()) > moment for o in observers)

    with world.changed:
        for observer in observers:
            observer.longest = 0.0
    url, begin = router.url, time.monotonic()
    router.process.end(signal.SIGTERM)
    drained = time.monotonic() - begin
    status = router.process.process.returncode
    expect(f"{router.name} drains in good order", status == 0 and drained < DRAIN_S, (status, drained))
    router.start(url)
    settled = time.monotonic() + AFTERMATH_S
    world.wait(f"all objects go on after {router.name} was restarted", lambda: all_new_since(settled), DEADLINE_S)
    with world.changed:
        gap = max(observer.longest for observer in observers)
    print(f"{router.name}: drained in {drained:.3f} s, longest gap {gap:.3f} s")
    return gap


def run(world: World) -> None:
    root = world.router("root")
    west, east = (world.router(name, parent=root.url) for name in ("west", "east"))

    def leaf(number: int) -> tuple[str, ...]:
        first, second = (west, east) if number % 2 == 0 else (east, west)
        return "--up", first.url, "--up", second.url, "--objects", str(OBJECTS), "--period-ms", "20"

    observers = [GapObserver(world, f"observer-{n}", *leaf(n)) for n in range(6)]
    for n in range(2):
        Exposer(world, f"exposer-{n}", *leaf(n))
    world.wait("all objects arrive", lambda: all(o.holds(OBJECTS) for o in observers), DEADLINE_S)
    gaps = [restart(world, router, observers) for router in (root, west, east)]  # root first, while leaves are on both sides
    expect("no restart costs an observer more than its bound", max(gaps) < BOUND_S, gaps)
    end_with_a_stuck_child(west, observers[0])


def end_with_a_stuck_child(router: Router, child: GapObserver) -> None:
    """Whoever does not read is not waited for."""
    child.process.process.send_signal(signal.SIGSTOP)
    begin = time.monotonic()
    router.process.end(signal.SIGTERM)
    took, status = time.monotonic() - begin, router.process.process.returncode
    expect("a child that does not read holds nobody up", status == 0 and took < DRAIN_S, (status, took))
    print(f"{router.name} with a stopped child: drained in {took:.3f} s")


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
