#!/usr/bin/python3
"""What a router must bear from its machine: a full disk under its log, a log that is closed, and no descriptor left."""
import os
import re
import resource
import signal
import socket

from operate import cpu_s
from commands import Commands, Talking, bin_folder, eventually, expect  # found by it
from processes import World

DESCRIPTORS = 40


def quick(name: str) -> tuple[str, ...]:
    return "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", "--name", name, "--log-level", "debug"


def serves(commands: Commands, url: str) -> None:
    """A new exposer and a new observer find each other."""
    exposing = commands.start("expose", "mla", "--url", url, "expose", "temp", "--value", "7")
    got = commands.run("mla", "--url", url, "--timeout", "20s", "get", "temp")
    expect("the router serves", (got.returncode, got.stdout) == (0, "7\n"), got)
    exposing.end(signal.SIGTERM)


def log_goes_nowhere(world: World, name: str, redirection: str) -> None:
    """The parent cannot be reached, so that there is something to log again and again."""
    commands = Commands(world)
    parts = " ".join([str(world.bin / quick(name)[0]), *quick(name)[1:], "--parent", "ws://127.0.0.1:1"])
    router = Talking.__new__(Talking)
    router.world, router.lines = world, []
    router.process = world.start(name, ["/bin/sh", "-c", f"exec {parts} {redirection}"], router.lines.append)
    url = router.wait_for_line("listening").split()[1]
    # Else the next socket would get its number, and be written to.
    expect("its log goes nowhere else", os.readlink(f"/proc/{router.pid}/fd/2") in ("/dev/full", "/dev/null"))
    serves(commands, url)
    for _ in range(20):  # each hung-up connection is another line
        host, port = re.findall(r"ws://([^:]+):(\d+)", url)[0]
        with socket.create_connection((host, int(port))) as guest:
            guest.sendall(b"garbage\r\n\r\n")
            guest.recv(1000)
    serves(commands, url)
    expect(f"{name} ends in good order", router.end(signal.SIGTERM) == 0, router.process.process.returncode)


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def no_descriptor_left(world: World) -> None:
    commands = Commands(world)
    router = commands.start("router", *quick("router"))
    url = router.wait_for_line("listening").split()[1]
    exposing = commands.start("expose", "mla", "--url", url, "expose", "beat", "--command", "date +%s%N", "--every", "20ms")
    watching = commands.start("observe", "mla", "--url", url, "observe", "beat")
    watching.wait_for_line(r"\d")

    resource.prlimit(router.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    host, port = re.findall(r"ws://([^:]+):(\d+)", url)[0]
    guests = [socket.create_connection((host, int(port))) for _ in range(2 * DESCRIPTORS)]
    eventually("all descriptors are taken", lambda: descriptors(router.pid) >= DESCRIPTORS)
    seen = len(watching.lines)
    world.wait("links that are up go on", lambda: len(watching.lines) > seen + 20, 30)
    expect("there was none to be had all the while", descriptors(router.pid) >= DESCRIPTORS, descriptors(router.pid))
    spent = cpu_s(router.pid)
    world.wait("and on", lambda: len(watching.lines) > seen + 70, 30)
    expect("nor does it spin", cpu_s(router.pid) - spent < 0.5, cpu_s(router.pid) - spent)

    for guest in guests:
        guest.close()
    serves(commands, url)
    for process in (watching, exposing):
        process.end(signal.SIGTERM)
    expect("the router ends in good order", router.end(signal.SIGTERM) == 0)


def run(world: World) -> None:
    log_goes_nowhere(world, "full", "2>/dev/full")
    log_goes_nowhere(world, "closed", "2>&-")
    no_descriptor_left(world)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
