#!/usr/bin/python3
"""A router tells many links at once through io_uring where the system permits it, and without it where it was told so; what they are told is
the same."""
import ctypes
import json
import os
import signal

import operate  # noqa: F401
from commands import Commands, bin_folder, expect
from processes import World

IO_URING_SETUP = 425  # as on every architecture
SUBMIT_ALL = 1 << 7
OBSERVERS = "8"


def permitted() -> bool:
    parameters = (ctypes.c_uint32 * 30)()
    parameters[2] = SUBMIT_ALL
    ring = ctypes.CDLL(None).syscall(IO_URING_SETUP, 1, parameters)
    if ring >= 0:
        os.close(ring)
    return ring >= 0


def has_ring(pid: int) -> bool:
    folder = f"/proc/{pid}/fd"
    return any("io_uring" in os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder))


def run(world: World) -> None:
    commands = Commands(world)
    for said in ({}, {"MLA_IO_URING": "1"}, {"MLA_IO_URING": "0"}):
        os.environ.update(said)
        router = commands.start("router", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none")
        os.environ.pop("MLA_IO_URING", None)
        url = router.wait_for_line("listening").split()[1]
        expect("it begins without", not has_ring(router.pid), said)
        bench = commands.run("mla", "--json", "bench", "fanout", "--url", url, "--observers", OBSERVERS, "--seconds", "0.3", "--window", "1")
        expect("the measurement is good", bench.returncode == 0, bench.stderr)
        told = json.loads(bench.stdout)
        ring = has_ring(router.pid)
        print(f"{said}: {told['deliveries']} deliveries of {told['states']} states, {'with' if ring else 'without'} io_uring")
        expect("each observer is told each state", told["skipped"] == 0 and told["deliveries"] >= told["states"] > 10, told)
        expect("as it was told, and as the system permits", ring == (permitted() and said.get("MLA_IO_URING") != "0"), said)
        status = router.end(signal.SIGTERM)
        expect("the router ends in good order", status == 0, status)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
