#!/usr/bin/python3
"""What the exchanges of a tree say of themselves, read by the commands as users run them.

            root
           /    \\        1 200 objects; the exposer is preferred to the standby
        west    east
       /    \\      \\
  exposer observer standby
"""
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tree"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from commands import Commands, Talking, bin_folder, eventually, expect  # noqa: E402
from leaves import Exposer, Observer  # noqa: E402
from processes import SLOWER, World  # noqa: E402

OBJECTS = 1200
QUIET_S = 2.0
MOST_PER_S = 2
PATIENCE_S = 60.0
BEAT_MS = 500 if SLOWER == 1 else 2000
NODE_TAG = '{"$mla":"node"}'


class Router:
    def __init__(self, commands: Commands, name: str, config: Path, parent: str | None = None) -> None:
        up = ["--parent", parent] if parent else []
        self.process: Talking = commands.start(name, "mla-router", "--config", str(config), "--name", name, *up)
        self.url = self.process.wait_for_line("^listening ").split()[1]
        self.admin = self.process.wait_for_line("^admin ").split()[1]

    def varz(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.admin}/varz", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


def accepted(routers: list[Router]) -> int:
    """States that were produced at these routers or came by."""
    return sum(router.varz()["counters"]["states_accepted"] for router in routers)


def mla(commands: Commands, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return commands.run("mla", "--url", url, *words)


def asked(commands: Commands, url: str, *words: str) -> Any:
    ended = mla(commands, url, *words, "--json")
    expect(f"{words} ends well", ended.returncode == 0, ended)
    return json.loads(ended.stdout)


def test_nothing_unasked(commands: Commands, routers: list[Router]) -> None:
    """Nothing is produced before somebody observes, not more than twice a second while he does, nothing afterwards."""
    before = accepted(routers)
    time.sleep(QUIET_S)
    expect("nothing was produced unasked", accepted(routers) == before, (before, accepted(routers)))

    observer = commands.start("watcher", "mla", "--url", routers[0].url, "observe", "--tag", NODE_TAG, "--jsonl")
    began = time.monotonic()
    wanted = 3 * len(routers)
    commands.world.wait("each exchange tells three times", lambda: len(states_of(observer)) >= wanted, PATIENCE_S)
    counts: dict[str, int] = {}
    for state in states_of(observer):
        counts[state["data"]["name"]] = counts.get(state["data"]["name"], 0) + 1
    most = MOST_PER_S * (time.monotonic() - began) + 1
    expect("at most twice a second", set(counts) == {"root", "west", "east"} and max(counts.values()) <= most, (counts, most))
    expect("that counts", accepted(routers) > before)
    observer.end(signal.SIGINT)

    last = [-1]

    def quiet() -> bool:
        former, last[0] = last[0], accepted(routers)
        return former == last[0]

    eventually("the last ones are through", quiet)
    before = accepted(routers)
    time.sleep(QUIET_S)
    expect("nothing is produced when the observer is gone", accepted(routers) == before, (before, accepted(routers)))


def states_of(observer: Talking) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in list(observer.lines)]
    return [event for event in events if event["event"] == "state"]


def find(branch: dict[str, Any], name: str) -> dict[str, Any] | None:
    if branch["name"] == name:
        return branch
    for child in branch["children"]:
        if found := find(child, name):
            return found
    return None


def test_tree(commands: Commands, root: Router, leaf: Router) -> None:
    """Asked at any router: the whole tree, with the time a round trip on each link takes."""
    shape: dict[str, set[str]] = {}

    def complete() -> bool:
        told = asked(commands, leaf.url, "tree")
        expect("one tree", len(told["trees"]) == 1, told)
        top = told["trees"][0]
        shape.clear()
        for name in ("root", "west", "east"):
            branch = find(top, name)
            shape[name] = {child["name"] for child in branch["children"]} if branch else set()
        timed = [find(top, name) for name in ("west", "east", "exposer", "standby", "observer")]
        return all(branch and branch["round_trip_us"] and branch["round_trip_us"] > 0 for branch in timed)

    eventually("every link has a round-trip time", complete)
    expect("who is below whom", shape == {"root": {"west", "east"}, "west": {"exposer", "observer"}, "east": {"standby", "mla tree"}}, shape)
    people = mla(commands, root.url, "tree")
    # Siblings stand in the order in which they came, which is anybody's guess here.
    for line in ("root", "├─ west", "│  [├└]─ exposer", "└─ mla tree  \\(this command\\)"):
        expect(f"people see {line}", any(re.match(line, text) for text in people.stdout.splitlines()), people.stdout)
    expect("with times", "µs" in people.stdout or " ms" in people.stdout, people.stdout)


def test_ls(commands: Commands, url: str) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = asked(commands, url, "ls", "objects")["objects"]
    names = {json.dumps(row["object"], sort_keys=True) for row in objects}
    expect("every object once", (len(objects), len(names)) == (OBJECTS, OBJECTS), (len(objects), len(names)))
    expect("all are produced", all(row["live"] and row["elected"]["has_sent"] for row in objects), objects[:3])
    lines = mla(commands, url, "ls", "objects", "--jsonl").stdout.splitlines()
    expect("a line each", len(lines) == OBJECTS and all(json.loads(line)["live"] for line in lines), len(lines))
    people = mla(commands, url, "ls", "objects").stdout.splitlines()
    expect("a table", len(people) == OBJECTS + 1 and people[0].split() == ["OBJECT", "STANDING", "ELECTED", "VERSION"], people[:2])
    everything = asked(commands, url, "ls", "objects", "--all")["objects"]
    reserved = [row for row in everything if any("$mla" in tag for tag in row["object"]["tags"] if isinstance(tag, dict))]
    expect("--all has the system's own too", len(everything) == OBJECTS + len(reserved) and len(reserved) >= 3, len(reserved))
    tags = asked(commands, url, "ls", "tags")["tags"]
    expect("tags", {row["tag"]: row["objects"] for row in tags} == {"even": OBJECTS // 2, "odd": OBJECTS // 2}, tags)
    links = asked(commands, url, "ls", "links")["links"]
    expect("each link once", sorted(link["peer_name"] for link in links) == ["east", "exposer", "observer", "standby", "west"], links)
    both = asked(commands, url, "ls", "links", "--all")["links"]
    expect("both ends", len([link for link in both if link["role"] == "parent"]) == 2, both)
    return objects


def test_why(commands: Commands, url: str, row: dict[str, Any], exposer: Exposer) -> None:
    words = [json.dumps(row["object"]["json"]), *[word for tag in row["object"]["tags"] for word in ("--tag", json.dumps(tag))]]
    eventually("the standby is a candidate too", lambda: len(asked(commands, url, "why", *words)["views"][0]["candidates"]) == 2)
    told = asked(commands, url, "why", *words)["views"]
    expect("the root's view, then the elected subtree's", [view["name"] for view in told] == ["root", "west"], told)
    top, below = told
    expect("the root gave it to west", top["root"] and top["elected"]["name"] == "west" and top["elected"]["decided_by"] == "self", top)
    candidates = {c["name"]: c for c in top["candidates"]}
    expect("candidates with what they offer", set(candidates) == {"west", "east"} and candidates["west"]["elected"]
           and candidates["west"]["priority"] == 0 and candidates["east"]["priority"] == -1
           and candidates["west"]["assigned"] > 0 and candidates["west"]["capacity"] == 1, candidates)
    expect("it has sent, though the root passes nothing on", top["elected"]["has_sent"] and top["standing"] == "waiting", top)
    expect("where it is passed on, it is held", below["standing"] == "synchronized", below)
    expect("below, the exposer, decided above", below["elected"]["name"] == "exposer" and below["elected"]["decided_by"] == "parent", below)
    expect("one epoch", top["elected"]["epoch"] == below["elected"]["epoch"], told)
    expect("what would change it", any("if west goes, east takes over" in text for text in top["would_change"]), top)
    expect("the mid-level says that it is not the root", any("view from below" in text for text in below["would_change"]), below)
    people = mla(commands, url, "why", *words).stdout
    expect("people read it", ": produced below\n" in people and "root (the root): elected west, epoch " in people and "west: elected exposer" in people, people)

    former = top["elected"]["epoch"]["counter"]
    exposer.process.kill()

    def moved() -> bool:
        now = asked(commands, url, "why", *words)["views"]
        return ([view["name"] for view in now] == ["root", "east"] and now[1]["elected"]["name"] == "standby" and now[0]["elected"]["has_sent"]
                and now[0]["elected"]["epoch"]["counter"] > former and [c["name"] for c in now[0]["candidates"]] == ["east"]
                and any("nobody is left" in text for text in now[0]["would_change"]))

    eventually("the standby is elected, by a higher epoch, and the only candidate", moved)


def test_top(commands: Commands, url: str) -> None:
    def measured() -> bool:  # rates are of the time before: the standby has only begun
        told = asked(commands, url, "top", "--once")["nodes"]
        expect("all exchanges", {node["name"] for node in told} == {"root", "west", "east"}, [node["name"] for node in told])
        east = next(node for node in told if node["name"] == "east")
        standby = next(link for link in east["links"] if link["peer_name"] == "standby")
        return standby["rates"]["states_in"] > 1 and standby["rates"]["bytes_in"] > 0

    eventually("rates of a link that carries states", measured)
    people = mla(commands, url, "top", "--once").stdout
    expect("people see a table", people.startswith("EXCHANGE") and "STATES/s" in people and "standby" in people, people)
    following = commands.start("top", "mla", "--url", url, "top", "--jsonl")
    commands.world.wait("top goes on", lambda: len(following.lines) >= 2, PATIENCE_S)
    expect("the same JSON", "nodes" in json.loads(following.lines[1]), following.lines[1])
    expect("until it is interrupted", following.end(signal.SIGINT) == 130)


def test_varz(router: Router) -> None:
    told = router.varz()
    expect("/varz is the node object with limits and memory", told["name"] == "root" and told["links"][0]["peer_name"] == "west"
           and told["limits"]["links"]["value"] > 0 and "memory" in told, told)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        config = Path(world.folder.name) / "router.toml"
        config.write_text(f'listen = ["ws://127.0.0.1:0"]\nadmin = "127.0.0.1:0"\n[limits]\nheartbeat = "{BEAT_MS}ms"\n',
                          encoding="utf-8")
        root = Router(commands, "root", config)
        west = Router(commands, "west", config, root.url)
        east = Router(commands, "east", config, root.url)
        eventually("the routers are linked", lambda: sum(link["ready"] for link in root.varz()["links"]) == 2)
        test_nothing_unasked(commands, [root, west, east])

        count = ("--objects", str(OBJECTS), "--period-ms", str(BEAT_MS))
        exposer = Exposer(world, "exposer", "--up", west.url, *count)
        observer = Observer(world, "observer", "--up", west.url, *count)
        world.wait("all objects come from the exposer", lambda: observer.holds(OBJECTS, writer="exposer"), PATIENCE_S)
        # Not before, or its states would come by the root, which then holds them.
        Exposer(world, "standby", "--up", east.url, "--priority", "-1", *count)
        test_varz(root)
        test_tree(commands, root, east)
        objects = test_ls(commands, east.url)
        test_why(commands, root.url, objects[0], exposer)
        test_top(commands, root.url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
