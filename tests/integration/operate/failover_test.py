#!/usr/bin/python3
"""A list of parents: the first is killed, the child turns to the second at once, and objects go on."""
import time

import operate  # noqa: F401
from commands import Commands, bin_folder, expect
from leaves import Exposer, Observer
from processes import World

COUNT = ("--objects", "20", "--period-ms", "50")
AT_ONCE_S = 0.5  # P5, the connection is reset
DEADLINE_S = 60.0


def run(world: World) -> None:
    top = world.router("top")
    first, second = (world.router(name, parent=top.url) for name in ("first", "second"))
    child = Commands(world).start("child", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none",
                                  "--parent", first.url, "--parent", second.url)
    url = child.wait_for_line("listening").split()[1]
    Exposer(world, "exposer", "--up", top.url, *COUNT)
    observer = Observer(world, "observer", "--up", url, *COUNT)
    world.wait("all objects arrive", lambda: observer.holds(20), DEADLINE_S)
    child.wait_for_talk(f"linked to parent {first.url}")
    expect("the first of the list is taken first", second.url not in child.talk(), child.talk())

    killed = time.monotonic()
    first.process.kill()
    world.wait("objects go on through the second", lambda: observer.holds(20, since=killed), 10 * AT_ONCE_S)
    print(f"first parent killed: all objects again after {time.monotonic() - killed:.3f} s")
    child.wait_for_talk(f"linked to parent {second.url}")


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
