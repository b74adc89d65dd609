#!/usr/bin/python3
"""Two C++ processes linked without a router, whichever comes first."""
import argparse
import socket
from pathlib import Path

from leaves import Exposer, Observer, agree
from processes import World

DEADLINE_S = 60.0
OBJECTS = 20
COUNT = ("--objects", str(OBJECTS), "--period-ms", "50")


def free_port() -> int:
    """A port that is free now, for the process that comes second; nobody else is likely to take it meanwhile."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def finish(world: World, exposer: Exposer, observer: Observer, order: str) -> None:
    took = world.wait(f"{order}: all objects arrive", lambda: observer.holds(OBJECTS, writer="exposer"), DEADLINE_S)
    held = exposer.hold(world)
    assert len(held) == OBJECTS, held
    world.wait(f"{order}: the newest state of each", lambda: agree(held, [observer]), DEADLINE_S)
    print(f"{order}: {OBJECTS} objects after {took:.2f} s")


def listener_first(world: World) -> None:
    exposer = Exposer(world, "exposer", "--listen", "ws://127.0.0.1:0", *COUNT)
    world.wait("the exposer listens", lambda: exposer.url != "", 20)
    finish(world, exposer, Observer(world, "observer", "--up", exposer.url, *COUNT), "listener first")


def dialler_first(world: World) -> None:
    url = f"ws://127.0.0.1:{free_port()}"
    exposer = Exposer(world, "exposer", "--up", url, *COUNT)
    finish(world, exposer, Observer(world, "observer", "--listen", url, *COUNT), "dialler first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    for case in (listener_first, dialler_first):
        with World(options.bin) as world:
            case(world)


if __name__ == "__main__":
    main()
