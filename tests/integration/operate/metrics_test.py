#!/usr/bin/python3
"""/metrics in Prometheus' text format, read by Prometheus' own parser and by its rules of naming, with the numbers of /varz."""
import json
import re
import signal
import urllib.request
from typing import Any

import operate  # noqa: F401
from commands import Commands, Talking, bin_folder, eventually, expect
from leaves import Exposer, Observer
from processes import World
from prometheus_client.parser import text_string_to_metric_families

COUNT = ("--objects", "6", "--period-ms", "20")
DEADLINE_S = 60.0

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def fetch(admin: str, page: str) -> tuple[str, str]:
    with urllib.request.urlopen(f"{admin}/{page}", timeout=10) as answer:
        return answer.read().decode(), answer.headers["Content-Type"]


def by_convention(text: str) -> None:
    """What promtool's linter asks for, and what the format leaves to its reader."""
    expect("the last line has its end", text.endswith("\n"))
    seen: list[str] = []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, help_text = line[7:].split(" ", 1)
            expect("each family once, help first", name not in seen and help_text.endswith("."), line)
            seen.append(name)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            expect("the type follows the help", seen[-1] == name and kind in ("counter", "gauge"), line)
            expect("counters and only they end in _total", (kind == "counter") == name.endswith("_total"), line)
            expect("the prefix and base units", re.fullmatch(r"mla_[a-z_]+", name) is not None and
                   not re.search(r"_(us|ms|kb|mb)(_|$)", name), line)
        else:
            expect("a sample of the family before it", re.match(r"[a-z_]+", line)[0] == seen[-1], line)  # type: ignore[index]


def samples(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        expect("documented", family.documentation != "", family)
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            expect("each sample once", key not in found, key)
            found[key] = sample.value
    return found


def check_same(varz: dict[str, Any], metrics: Samples) -> None:
    """All but what moves by itself: bytes of heartbeats, the admin listener's own requests, memory."""
    def value(sample: str, **labels: str) -> float:
        return metrics[(sample, tuple(sorted(labels.items())))]

    counters = varz["counters"]
    for name in ("objects", "tags", "contracts"):
        expect(name, value(f"mla_{name}") == counters[name], (counters, name))
    for name in ("epochs_minted", "states_accepted", "frames_skipped"):
        expect(name, value(f"mla_{name}_total") == counters[name], (counters, name))
    for reason in ("fenced", "not_newer"):
        expect(reason, value("mla_states_dropped_total", reason=reason) == counters[f"states_{reason}"], counters)
    for role, gone in (("parent", "parents"), ("child", "children")):
        links = [link for link in varz["links"] if link["role"] == role]
        expect("links", value("mla_links", role=role) == sum(link["ready"] for link in links), links)
        expect("links gone", value("mla_links_ended_total", role=role) == varz["links_gone"][gone]["links"], varz["links_gone"])
        for way, word in (("in", "received"), ("out", "sent")):
            summed = sum(link[f"states_{way}"] for link in links) + varz["links_gone"][gone][f"states_{way}"]
            expect("states", value(f"mla_link_{word}_states_total", role=role) == summed, (role, way, summed))
    accept = varz["accept"]
    expect("connections", value("mla_accepted_connections_total") == accept["connections"] > 0, accept)
    expect("plain HTTP", value("mla_refused_connections_total", reason="plain_http") == accept["plain_http"] == 1, accept)
    for name, limit in varz["limits"].items():
        expect(name, value("mla_limit", name=name, unit=limit["unit"]) == limit["value"], limit)
    info = next(labels for (name, labels) in metrics if name == "mla_info")
    expect("who", dict(info) == {"name": varz["name"], "node": varz["node"], "version": varz["version"]}, info)


def quiet(admin: str) -> tuple[dict[str, Any], Samples]:
    """Both pages at a moment when nothing moves in between."""
    found: list[tuple[dict[str, Any], Samples]] = []

    def still() -> bool:
        before, page, after = fetch(admin, "varz")[0], fetch(admin, "metrics")[0], fetch(admin, "varz")[0]
        found[:] = [(json.loads(before), samples(page))]
        return bool(json.loads(before)["counters"] == json.loads(after)["counters"])

    eventually("two pages of one moment", still)
    return found[0]


def run(world: World) -> None:
    root = world.router("root")
    router: Talking = Commands(world).start("router", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "127.0.0.1:0",
                                            "--parent", root.url, "--name", 'a "b" \\ c')
    url, admin = (router.wait_for_line(word).split()[1] for word in ("listening", "admin"))
    exposer = Exposer(world, "exposer", "--up", url, *COUNT)
    observer = Observer(world, "observer", "--up", root.url, *COUNT)
    passing = Observer(world, "passing", "--up", url, *COUNT)
    for leaf in (observer, passing):
        world.wait("all objects arrive", lambda leaf=leaf: leaf.holds(6), DEADLINE_S)  # type: ignore[misc]

    text, kind = fetch(admin, "metrics")
    expect("its type", kind == "text/plain; version=0.0.4; charset=utf-8", kind)
    by_convention(text)
    before = samples(text)

    passing.process.kill()
    try:
        fetch(url.replace("ws://", "http://"), "")
    except urllib.error.HTTPError as error:
        expect("plain HTTP is answered", error.code == 426, error)
        error.close()
    router.wait_for_talk("child passing .*is gone")
    exposer.hold(world)
    varz, after = quiet(admin)
    check_same(varz, after)
    fallen = {key: (before[key], after[key]) for key in before if key[0].endswith("_total") and after[key] < before[key]}
    expect("no counter falls when a link goes", not fallen, fallen)
    expect("it ends in good order", router.end(signal.SIGTERM) == 0)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
