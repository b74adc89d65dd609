#!/usr/bin/python3
"""Guests who misbehave, in turn and then all at once, at a router that serves two well-behaved leaves.

Each guest must be turned away in the way that is promised, within the time for it, and the leaves must notice nothing: no state
goes unsynchronized, no stream ends, new states keep coming.
"""
import argparse
import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tree"))
from leaves import Exposer, Observer, agree  # noqa: E402
from processes import World  # noqa: E402
from raw import BINARY, CLOSE, PING, TEXT, Guest, cbor, hello  # noqa: E402

HANDSHAKE_S = 5.0
DEADLINE_S = 10 * HANDSHAKE_S
OBJECTS = 20
SEED = int(os.environ.get("MLA_SEED", random.randrange(1 << 32)))

Case = Callable[[Guest], None]


def turned_away(answer: str, status: int) -> None:
    assert answer.startswith(f"HTTP/1.1 {status} "), answer


def plain_http(guest: Guest) -> None:
    guest.send(f"GET / HTTP/1.1\r\nHost: {guest.host}\r\nConnection: close\r\n\r\n".encode())
    answer = guest.read_to_end().decode("latin1")
    assert answer.startswith("HTTP/1.1 4") and "WebSocket" in answer, answer


def no_http(guest: Guest) -> None:
    guest.send(random.Random(SEED).randbytes(1000))
    guest.read_to_end()


def endless_head(guest: Guest) -> None:
    guest.send(b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * (1 << 20))
    guest.read_to_end()


def wrong_subprotocol(guest: Guest) -> None:
    turned_away(guest.ask(protocol="chat"), 400)
    guest.read_to_end()


def no_subprotocol(guest: Guest) -> None:
    turned_away(guest.ask(protocol=None), 400)
    guest.read_to_end()


def foreign_origin(guest: Guest) -> None:
    turned_away(guest.ask(more="Origin: http://evil.example\r\n"), 403)
    guest.read_to_end()


def foreign_host(guest: Guest) -> None:
    turned_away(guest.ask(host="evil.example"), 403)
    guest.read_to_end()


def silent_before_upgrade(guest: Guest) -> None:
    guest.read_to_end()


def silent_after_upgrade(guest: Guest) -> None:
    guest.upgrade().sent_away("handshake_timeout")


def half_a_request(guest: Guest) -> None:
    guest.send(b"GET / HTTP/1.1\r\nHost: x")
    guest.read_to_end()


def text_message(guest: Guest) -> None:
    guest.upgrade().frame(TEXT, b"hello")
    guest.sent_away("text_message")


def unmasked_frame(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, hello(), masked=False)
    guest.read_to_end()


def garbage_instead_of_hello(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, random.Random(SEED).randbytes(200))
    guest.sent_away("bad_frame")


def too_much_before_welcome(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, bytes(1 << 17))
    guest.sent_away("message_too_large", "bad_frame")


def announced_but_never_sent(guest: Guest) -> None:
    """An array of 2^29 items, and a byte string of 2^40 bytes, in a few bytes."""
    guest.upgrade().frame(BINARY, b"\x9b\x00\x00\x00\x00\x20\x00\x00\x00" + b"\x5b\x00\x00\x01\x00\x00\x00\x00\x00")
    guest.sent_away("bad_frame")


def deep_nesting(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, b"\x81" * 10000)
    guest.sent_away("bad_frame")


def frames_before_hello(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, cbor([16, 1, '[[],"x"]']) + cbor([43, 1, 1, 1, [1]]))
    guest.sent_away("unexpected_frame")


def no_common_version(guest: Guest) -> None:
    guest.upgrade().frame(BINARY, cbor([24, 900, 901, 7, 1, 10000, "guest", [7], [], b""]))
    guest.sent_away("version_mismatch")


def hello_twice(guest: Guest) -> None:
    guest.welcomed().frame(BINARY, hello())
    guest.sent_away("unexpected_frame")


def frames_of_a_parent(guest: Guest) -> None:
    """Assigning, to one's own parent."""
    guest.welcomed().frame(BINARY, cbor([16, 1, '[[],"x"]']) + cbor([56, 1, 5, 5, [1], True]))
    guest.sent_away("unexpected_frame")


def garbage_after_welcome(guest: Guest) -> None:
    guest.welcomed().frame(BINARY, cbor([41, "what"]))
    guest.sent_away("bad_frame")


def descriptor_that_is_not_canonical(guest: Guest) -> None:
    guest.welcomed().frame(BINARY, cbor([16, 1, '[ [], "x" ]']))
    guest.sent_away("bad_descriptor")


def handle_defined_twice(guest: Guest) -> None:
    guest.welcomed().frame(BINARY, cbor([16, 1, '[[],"x"]']) + cbor([16, 1, '[[],"y"]']))
    guest.sent_away("bad_handle")


def message_above_the_limit(guest: Guest) -> None:
    guest.welcomed().frame(BINARY, bytes(200_000))
    guest.sent_away("message_too_large")


def oversized_control_frame(guest: Guest) -> None:
    guest.welcomed().frame(PING, bytes(126))
    guest.read_to_end()


def state_nobody_asked_for(guest: Guest) -> None:
    """Of an object that others use, under a term that was never given: dropped, and the guest may stay."""
    even = cbor([16, 1, '[["even"],"n0"]'])
    guest.welcomed().frame(BINARY, even + cbor([1, 1, 1 << 40, 7, [1 << 40], 1, None, None, 1, None, 0, b'{"writer":"guest","tick":1}']))
    guest.frame(PING, b"still there?")
    while guest.read_frame()[0] != 10:
        pass


def unknown_kind(guest: Guest) -> None:
    """Skipped: a later protocol may know it."""
    guest.welcomed().frame(BINARY, cbor([127, "from the future", [1, 2, [3]]]))
    guest.frame(PING, b"still there?")
    while guest.read_frame()[0] != 10:
        pass


def vanishes(guest: Guest) -> None:
    guest.welcomed()


def closes_in_good_order(guest: Guest) -> None:
    guest.welcomed().frame(CLOSE, b"\x03\xe8")
    guest.read_to_end()


CASES: list[Case] = [
    plain_http, no_http, endless_head, wrong_subprotocol, no_subprotocol, foreign_origin, foreign_host, silent_before_upgrade,
    silent_after_upgrade, half_a_request, text_message, unmasked_frame, garbage_instead_of_hello, too_much_before_welcome,
    announced_but_never_sent, deep_nesting, frames_before_hello, no_common_version, hello_twice, frames_of_a_parent,
    garbage_after_welcome, descriptor_that_is_not_canonical, handle_defined_twice, message_above_the_limit,
    oversized_control_frame, state_nobody_asked_for, unknown_kind, vanishes, closes_in_good_order,
]


def visit(url: str, case: Case) -> str | None:
    """None when the guest was treated as it should be, else what went wrong."""
    try:
        with Guest(url, DEADLINE_S) as guest:
            case(guest)
        return None
    except (AssertionError, OSError, EOFError) as error:
        return f"{case.__name__}: {error!r}"


def run(world: World) -> None:
    router = world.router("router")
    count = ("--objects", str(OBJECTS), "--period-ms", "50")
    observer = Observer(world, "observer", "--up", router.url, *count)
    exposer = Exposer(world, "exposer", "--up", router.url, *count)
    world.wait("the leaves work", lambda: observer.holds(OBJECTS, writer="exposer"), DEADLINE_S)
    observer.forbid_disturbance()

    def goes_on(after: str) -> None:
        with world.changed:
            tick = max(state.tick for state in observer.newest.values())
        world.wait(f"new states after {after}", lambda: observer.holds(OBJECTS, writer="exposer", above_tick=tick), DEADLINE_S)

    slow = {silent_before_upgrade, silent_after_upgrade, half_a_request}  # each waits for the time of the handshake
    for case in CASES:
        if case not in slow:
            if wrong := visit(router.url, case):
                world.faults.append(wrong)
            goes_on(case.__name__)
    with ThreadPoolExecutor(len(CASES)) as pool:
        world.faults += [wrong for wrong in pool.map(lambda case: visit(router.url, case), CASES) if wrong]
    goes_on("all at once")

    held = exposer.hold(world)
    world.wait("the observer holds the newest states", lambda: agree(held, [observer]), DEADLINE_S)
    print(f"{len(CASES)} kinds of guests, one by one and at once; {observer.states} states of {OBJECTS} objects went on undisturbed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    print(f"seed {SEED} (MLA_SEED)")
    with World(options.bin) as world:
        run(world)


if __name__ == "__main__":
    main()
