#!/usr/bin/python3
"""`mla bench`: every kind measures something sane in a moment, says what is wrong, and leaves no router behind."""
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from commands import Commands, World, bin_folder, eventually, expect
from misuse_test import CANNOT_CONNECT, FAILED, USAGE, unused_port

INTERRUPTED = 130
SHORT = ["--seconds", "0.3"]

ROUTER = ["router_cpu_s", "router_resident_mib"]
THROUGHPUT = ["elapsed_s", "states", "states_per_s", "deliveries_per_s", "deliveries", "skipped"]
COST = [*ROUTER, "router_cpu_us_per_delivery", "generator_cores", "bytes_from_producer", "producer_bytes_per_state", "bytes_to_observers",
        "observer_bytes_per_delivery", "states_to_observers", "differences_percent"]
LOAD = [*THROUGHPUT, *COST, "skipped_told", "skipped_exact", "outstanding"]
# What each kind promises to tell: throughput, percentiles, the router's CPU, bytes on the wire, and what it is about.
PROMISED = {
    "fanout": [*LOAD, "latency_us"],
    "objects": [*LOAD, "latency_us", "ready_s", "router_bytes_per_object"],
    "latency": [*LOAD, "latency_us", "send_lag_us"],
    "connections": [*ROUTER, "links", "elapsed_s", "links_per_s", "up_us", "router_bytes_per_link", "router_cpu_us_per_link",
                    "bytes_to_router_per_link", "bytes_from_router_per_link"],
    "slow": [*LOAD, "slow_receive_buffer_bytes", "stalled_states", "others_share_percent", "router_growth_mib", "newest_after_ms",
             "others_deliveries", "others_skipped", "others_latency_us", "slow_latency_us"],
    "hop": [*THROUGHPUT, *COST, "second_router_cpu_s", "second_router_cpu_us_per_delivery", "second_router_resident_mib", "hop_p50_us",
            "hop_p99_us", "one_router_us", "two_routers_us", "send_lag_us"],
    # Without a router, and without a wire.
    "local": ["deliveries", "missed", "clock_us", "same_thread_per_s", "same_thread_manual_per_s", "other_thread_per_s", "same_thread_us",
              "same_thread_manual_us", "other_thread_us"],
}


def routers_of(mla: int) -> list[int]:
    """Processes that this one started, while it lives."""
    return [int(pid) for pid in Path(f"/proc/{mla}/task/{mla}/children").read_text().split()]


def sockets_of(pid: int) -> int:
    return sum(1 for fd in Path(f"/proc/{pid}/fd").iterdir() if os.readlink(fd).startswith("socket:"))


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def measured(commands: Commands, *words: str) -> dict[str, Any]:
    ended = commands.run("mla", "--json", "bench", *words)
    expect(f"{words}: status 0 and one line", (ended.returncode, ended.stdout.count("\n"), ended.stderr) == (0, 1, ""), ended)
    result: dict[str, Any] = json.loads(ended.stdout)
    expect("says what it is", result["bench"] == words[0], result)
    missing = [key for key in PROMISED[words[0]] if result.get(key) is None and not ("--url" in words and key.startswith("router_"))]
    expect("says all that it promises to", missing == [], f"{missing} of {result}")
    for key, value in result.items():
        if key.endswith("_us") and isinstance(value, dict):
            shares = [value[share] for share in ("p50", "p90", "p99", "p99_9", "max")]
            expect(f"{key}: percentiles in order, above zero", shares == sorted(shares) and shares[0] > 0 and value["count"] > 0, result)
    return result


def test_loads(commands: Commands) -> None:
    fanout = measured(commands, "fanout", "--observers", "5", *SHORT)
    expect("all in turn, to all", fanout["deliveries"] == 5 * fanout["states"] > 0 and fanout["skipped"] == 0, fanout)
    expect("closed", (fanout["loop"], fanout["rate"], fanout["window"]) == ("closed", None, 1), fanout)
    expect("each is one latency", fanout["latency_us"]["count"] == fanout["deliveries"], fanout)
    expect("the router is known", fanout["router_cpu_s"] is not None and fanout["router_resident_mib"] > 1, fanout)
    expect("bytes are counted", 0 < fanout["observer_bytes_per_delivery"] < fanout["state_bytes"], fanout)
    expect("in all", fanout["bytes_from_producer"] > 0 and fanout["bytes_to_observers"] > 5 * fanout["states"], fanout)
    rate = fanout["states"] / fanout["elapsed_s"]
    expect("the throughput is what it says", abs(fanout["states_per_s"] / rate - 1) < 0.02, fanout)

    json_field = measured(commands, "fanout", "--json-field", "--observers", "2", *SHORT)
    expect("100 KiB of JSON, as differences", json_field["state_bytes"] == 102400 and json_field["differences_percent"] > 99, json_field)
    expect("a small part of it on each link", json_field["observer_bytes_per_delivery"] < 1024 > json_field["producer_bytes_per_state"],
           json_field)
    whole = measured(commands, "fanout", "--whole", "--observers", "2", "--bytes", "4KiB", *SHORT)
    expect("whole", whole["differences_percent"] == 0 and whole["observer_bytes_per_delivery"] > 4096, whole)

    objects = measured(commands, "objects", "--objects", "20", "--observers", "4", "--share", "10", *SHORT)
    told = objects["deliveries"] + objects["skipped"]
    expect("how soon, and what an object takes", objects["ready_s"] > 0 and objects["router_bytes_per_object"] is not None, objects)
    expect("two observers an object", told == 2 * objects["states"] > 0 and objects["outstanding"] == 0, objects)

    latency = measured(commands, "latency", "--rate", "200", "--observers", "2", *SHORT)
    expect("as many as there should be", (latency["loop"], latency["states"]) == ("open", 60), latency)
    expect("each had or skipped, and each waited for", latency["deliveries"] + latency["skipped"] == 120 == latency["latency_us"]["count"],
           latency)
    expect("no more is taken than comes", latency["states_to_observers"] >= latency["deliveries"], latency)
    expect("each was sent, more or less in time", latency["send_lag_us"]["count"] == 60, latency)
    expect("the states tell what was skipped", latency["skipped_told"] == latency["skipped"] and latency["skipped_exact"], latency)


def test_slow(commands: Commands) -> None:
    slow = measured(commands, "slow", "--observers", "3", "--rate", "500", "--bytes", "64KiB", "--stall", "0.5", "--seconds", "0.8")
    expect("every state accounted for", slow["deliveries"] + slow["skipped"] == slow["states"] == slow["slow_latency_us"]["count"], slow)
    expect("nothing was read during the stall", slow["deliveries_while_stalled"] == 0 and slow["skipped"] > 0, slow)
    expect("skipped is told exactly", slow["skipped_exact"] and slow["skipped_told"] == slow["skipped"], slow)
    expect("who waits longest waits for most of the stall", slow["slow_latency_us"]["max"] > 400_000, slow)
    expect("the others went on", slow["others_share_percent"] > 1 and slow["others_deliveries"] > slow["deliveries"], slow)
    expect("the newest came", slow["newest_after_ms"] > 0, slow)
    expect("nothing takes much in its stead", 0 < slow["slow_receive_buffer_bytes"] <= 128 << 10, slow)
    expect("throughput and bytes are of the stall, and of the others", slow["states_per_s"] * slow["elapsed_s"] / slow["stalled_states"] > 0.99
           and slow["observer_bytes_per_delivery"] > 64 << 10, slow)


def test_others(commands: Commands) -> None:
    connections = measured(commands, "connections", "--links", "30", *SHORT)
    expect("links", connections["links"] == 30 and connections["links_per_s"] > 0 and connections["router_resident_mib"] > 1, connections)
    # More than what they say to each other once they are links.
    upgrade = len("GET / HTTP/1.1 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== Sec-WebSocket-Protocol: mla.v1 Connection: Upgrade")
    expect("the handshake is in their bytes", connections["bytes_to_router_per_link"] > upgrade, connections)
    expect("each link took its time", connections["up_us"]["count"] == 30 and connections["up_us"]["max"] <= 1e6 * connections["elapsed_s"] + 1000,
           connections)
    hop = measured(commands, "hop", "--rate", "200", *SHORT)
    ways = (hop["one_router_us"]["count"], hop["two_routers_us"]["count"])
    expect("as many either way", ways == (30, 30) and hop["deliveries"] + hop["skipped"] == 60, hop)
    difference = hop["two_routers_us"]["p50"] - hop["one_router_us"]["p50"]
    expect("the difference is what it says", abs(hop["hop_p50_us"] - difference) < 0.01, hop)
    local = measured(commands, "local", *SHORT)
    ways_are_there = all(local[key]["count"] > 0 for key in ("same_thread_us", "same_thread_manual_us", "other_thread_us"))
    expect("three ways", ways_are_there and local["deliveries"] > 0, local)


def test_running_router(commands: Commands) -> None:
    router = commands.world.router("running")
    without = measured(commands, "latency", *SHORT, "--url", router.url)
    expect("whose CPU is not known", without["router_cpu_s"] is None and without["deliveries"] > 0, without)
    pid = commands.start("counted", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none")
    url = pid.wait_for_line(r"^listening ").split()[1]
    known = measured(commands, "latency", *SHORT, "--url", url, "--router-pid", str(pid.pid))
    expect("or said", known["router_cpu_s"] is not None and known["router_resident_mib"] > 1, known)
    expect("it is left running", pid.end(signal.SIGTERM) == 0)
    # The environment names where to work, not what to measure.
    ended = commands.run("mla", "--json", "bench", "latency", *SHORT, MLA_URL="ws://127.0.0.1:9", MLA_PARENT="ws://127.0.0.1:9")
    expect("a router of its own", ended.returncode == 0 and json.loads(ended.stdout)["router_cpu_s"] is not None, ended)


def test_for_people(commands: Commands) -> None:
    ended = commands.run("mla", "bench", "fanout", "--observers", "2", *SHORT)
    expect("a table with its units", re.search(r"throughput +\d+ +states/s\n", ended.stdout) is not None, ended)
    expect("and one of latencies", re.search(r"LATENCY, µs +p50 +p90 +p99 +p99\.9 +max\n", ended.stdout) is not None, ended)


def test_misuse(commands: Commands) -> None:
    nobody = f"ws://127.0.0.1:{unused_port()}"
    mistakes: list[tuple[list[str], int, str]] = [
        ([], USAGE, "bench wants to know what: fanout, objects"),
        (["fanuot"], USAGE, 'unknown verb "fanuot"; did you mean "fanout"'),
        (["fanout", "--observrs", "3"], USAGE, 'unknown option --observrs; did you mean "--observers"'),
        (["fanout", "--observers", "0"], USAGE, '"0" is no whole number from 1 to'),
        (["latency", "--rate", "fast"], USAGE, '"fast" is no number above 0'),
        (["latency", "--seconds", "0"], USAGE, '"0" is no number from 0.05 to 3600'),
        (["latency", "extra"], USAGE, "one argument too many"),
        (["slow", "--stall", "5", "--seconds", "5"], USAGE, "--stall must be less than --seconds"),
        (["fanout", "--router", "/nonexistent"], USAGE, '--router: "/nonexistent" is no program'),
        (["fanout", "--router", "/bin/true"], FAILED, "/bin/true does not listen, it ended with status 0"),
        (["fanout", "--url", nobody, *SHORT], CANNOT_CONNECT, f"cannot connect to {nobody}: .*refused"),
        (["fanout", "--url", nobody, "--timeout", "300ms"], CANNOT_CONNECT, "cannot connect.*refused"),
        (["latency", "--url", "nonsense"], USAGE, "'nonsense'"),
    ]
    for words, status, says in mistakes:
        ended = commands.run("mla", "bench", *words)
        expect(f"{words}: status {status}, {says!r}", ended.returncode == status and re.search(says, ended.stderr) is not None, ended)
        expect("nothing on standard output", ended.stdout == "", ended)


def test_ends(commands: Commands) -> None:
    """The router dies in the middle; or we are told to end; or we are killed: in each case nothing is left."""
    for name, number, to_router, status in [("router", signal.SIGKILL, True, FAILED), ("Ctrl-C", signal.SIGINT, False, INTERRUPTED),
                                            ("killed", signal.SIGKILL, False, -signal.SIGKILL)]:
        bench = commands.start(f"bench, {name}", "mla", "bench", "hop", "--seconds", "60")
        eventually("three links through two routers", lambda: len(routers_of(bench.pid)) == 2 and sockets_of(bench.pid) == 3)
        routers = routers_of(bench.pid)
        bench.process.wanted_to_live = False
        os.kill(routers[0] if to_router else bench.pid, number)
        bench.process.process.wait(30)
        expect(f"{name}: status {status}", bench.process.process.returncode == status, bench.talk())
        if to_router:
            expect("says why", re.search(r"^mla: the router ended while measuring, with signal 9$", bench.talk(), re.M) is not None,
                   bench.talk())
        expect("no figures", bench.lines == [], bench.lines)
        for pid in routers:
            eventually(f"{name}: router {pid} is gone", lambda pid=pid: is_gone(pid))  # type: ignore[misc]


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        test_loads(commands)
        test_slow(commands)
        test_others(commands)
        test_running_router(commands)
        test_for_people(commands)
        test_misuse(commands)
        test_ends(commands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
