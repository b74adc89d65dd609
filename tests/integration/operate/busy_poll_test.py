#!/usr/bin/python3
"""A router looks on for as long as it was told before it sleeps, and without being told it sleeps at once."""
import signal
import time

from operate import cpu_s
from commands import Commands, bin_folder, expect  # found by it
from processes import World
from raw import Guest

A_LOT_S = 0.1  # of a processor


def run(world: World) -> None:
    for said, looks_on in ((["--busy-poll", "1s"], True), ([], False)):
        router = Commands(world).start("router", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", *said)
        guest = Guest(router.wait_for_line("listening").split()[1], 1).welcomed()
        before = cpu_s(router.pid)
        time.sleep(0.9)
        used = cpu_s(router.pid) - before
        print(f"{said}: {used:.2f} s of a processor")
        expect("it does as told", (used > A_LOT_S) == looks_on, (said, used))
        status = router.end(signal.SIGTERM)
        expect("the router ends in good order", status == 0, status)
        guest.sent_away("shutting_down")


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
