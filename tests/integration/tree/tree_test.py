#!/usr/bin/python3
"""A tree of seven real processes loses its exposer, then each of its middle routers.

                 root
               /      \\
            west      east
           /    \\    /    \\
     exposer  observer observer  standby        200 objects

Every observer must end at the newest state, and none may see a version go back.
"""
import argparse
import time
from pathlib import Path

from leaves import Exposer, Observer, agree
from processes import SLOWER, Failure, World

OBJECTS = 200
FAILOVER_S = 0.5     # P5, connection reset
DEADLINE_S = 60.0    # for anything that has to dial again; the back-off alone may take a few seconds


def run(world: World, objects: int, threads: int) -> None:
    root = world.router("root", threads=threads)
    west = world.router("west", parent=root.url, threads=threads)
    east = world.router("east", parent=root.url, threads=threads)
    # A state of each object five times a second, once where sanitizers are at work.
    count = ("--objects", str(objects), "--period-ms", "200" if SLOWER == 1 else "1000")
    observers = [Observer(world, "observer-west", "--up", west.url, *count),
                 Observer(world, "observer-east", "--up", east.url, *count)]
    exposer = Exposer(world, "exposer", "--up", west.url, *count)
    standby = Exposer(world, "standby", "--up", east.url, "--priority", "-1", *count)

    def all_hold(**wanted: object) -> bool:
        return all(observer.holds(objects, **wanted) for observer in observers)

    took = world.wait(f"all observers hold {objects} objects of the exposer", lambda: all_hold(writer="exposer"), DEADLINE_S)
    print(f"{objects} objects at 2 observers after {took:.2f} s")

    with world.changed:
        for observer in observers:  # the standby may have been first at the start
            observer.first_by.clear()
    killed = time.monotonic()
    exposer.process.kill()
    world.wait("the standby's first state at both", lambda: all("standby" in o.first_by for o in observers), 10 * FAILOVER_S)
    print("exposer killed; the standby's first state after "
          f"{max(o.first_by['standby'] for o in observers) - killed:.3f} s", end=", ")
    world.wait("all objects come from the standby", lambda: all_hold(writer="standby"), DEADLINE_S)
    print(f"all {objects} after {time.monotonic() - killed:.2f} s")

    for router in (east, west):
        tick = max(s.tick for o in observers for s in o.newest.values())
        killed = time.monotonic()
        router.kill_and_restart()
        world.wait(f"new states of all objects after {router.name} restarted",
                   lambda: all_hold(writer="standby", above_tick=tick, since=killed), DEADLINE_S)
        print(f"{router.name} killed and restarted: new states of all {objects} at both observers after "
              f"{time.monotonic() - killed:.2f} s")

    held = standby.hold(world)
    if len(held) != objects:
        raise Failure(f"the standby holds {len(held)} objects, not {objects}")
    world.wait("every observer holds the newest state of every object", lambda: agree(held, observers), DEADLINE_S)
    print(f"all hold the newest; {sum(o.states for o in observers)} states seen, no version went back, "
          f"{sum(o.ended for o in observers)} streams ended on the way")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--objects", type=int, default=OBJECTS)
    parser.add_argument("--threads", type=int, default=1, help="of each router")
    options = parser.parse_args()
    with World(options.bin) as world:
        run(world, options.objects, options.threads)


if __name__ == "__main__":
    main()
