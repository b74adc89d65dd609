#!/usr/bin/python3
"""What an idle link costs a router: so many children that are welcomed, have taken a state each, keep their heartbeats and want
nothing any more.

The figure is the growth of the router's resident memory over the time before the first link, a minute after the last one came,
divided by the links. Four processes hold the links. `--links 10000` is the measurement that docs/operation.md tells of.
"""
import argparse
import json
import multiprocessing
import resource
import selectors
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tree"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "guests"))
from processes import World  # noqa: E402
from raw import BINARY, CLOSE, Guest, cbor  # noqa: E402

BAR_BYTES = 8000
STATE_BYTES = 16 * 1024
DEFINE, INTEREST, OBSERVES, GONE = 16, 41, 1, 4
HOLDERS = 4
HEARTBEAT_S = 10
PING, PONG = 27, 28


def answer(guest: Guest) -> None:
    """Reads what has come; a PING is answered, all else is a sign of life."""
    guest.socket.setblocking(True)
    kind, message = guest.read_frame()
    if kind == CLOSE:
        raise SystemExit(f"sent away: {message!r}")
    if kind == BINARY and message[1:3] == bytes([0x18, PING]):
        guest.frame(BINARY, message[:1] + bytes([0x18, PONG]) + message[3:])


def take_a_state(guest: Guest) -> None:
    """Observes until a state is there, so that the link had use for its buffers."""
    nothing = [None, 0, 0, [], None, None, None, None, 0, None]
    guest.frame(BINARY, cbor([DEFINE, 1, '[[],"idle"]']) + cbor([INTEREST, 1, OBSERVES, *nothing]))
    while len(guest.read_frame()[1]) < STATE_BYTES:
        pass
    guest.frame(BINARY, cbor([INTEREST, 1, GONE]))


def hold(url: str, links: int, told: Connection) -> None:
    """Holds links with their signs of life until it is told to end."""
    guests = [Guest(url, 60).welcomed() for _ in range(links)]
    for guest in guests:
        take_a_state(guest)
    told.send("up")
    ready = selectors.DefaultSelector()
    for guest in guests:
        ready.register(guest.socket, selectors.EVENT_READ, guest)
    ready.register(told, selectors.EVENT_READ, None)
    beat_at, beats = time.monotonic() + HEARTBEAT_S, 0
    while True:
        for key, _ in ready.select(max(0.0, beat_at - time.monotonic())):
            if key.data is None:
                return
            answer(key.data)
        if time.monotonic() >= beat_at:
            beat_at += HEARTBEAT_S
            beats += 1
            for guest in guests:
                guest.frame(BINARY, cbor([PING, beats]))


def resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no VmRSS")


def run(world: World, links: int, seconds: float) -> dict[str, float]:
    router = world.router("router")
    pid = router.process.process.pid
    world.start("exposer", ["mla", "expose", "idle", "--value", json.dumps("x" * STATE_BYTES), "--url", router.url], print)
    time.sleep(1)
    before = resident(pid)
    holders = []
    for i in range(HOLDERS):
        ours, theirs = multiprocessing.Pipe()
        guests = links - 1  # the exposer's link is one too, and a router takes 10 000
        share = guests // HOLDERS + (i < guests % HOLDERS)
        holder = multiprocessing.Process(target=hold, args=(router.url, share, theirs), daemon=True)
        holder.start()
        holders.append((holder, ours))
    start = time.monotonic()
    for holder, ours in holders:
        assert ours.poll(300) and ours.recv() == "up", "the links did not all come up"
    up_after = time.monotonic() - start
    print(f"{links} links are up after {up_after:.1f} s")
    time.sleep(seconds)
    for holder, _ in holders:
        assert holder.is_alive(), "a link was lost"
    connected = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    assert connected >= links, f"the router has only {connected} descriptors"
    each = (resident(pid) - before) / links
    print(f"{links} idle links, after {seconds:.0f} s: {each:.0f} bytes a link (resident {before // 1024} KiB before, "
          f"{resident(pid) // 1024} KiB now)")
    for holder, ours in holders:
        ours.send("end")
        holder.join(20)
    assert each <= BAR_BYTES, f"an idle link costs {each:.0f} bytes, not at most {BAR_BYTES}"
    return {"links": links, "seconds": seconds, "bytes_per_link": round(each), "up_after_s": round(up_after, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--links", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON in the last line")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    assert hard > options.links + 100, f"only {hard} descriptors are allowed"
    with World(options.bin) as world:
        figures = run(world, options.links, options.seconds)
    if options.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
