#!/usr/bin/python3
"""hostmon samples for observers only: their going stops it, and then it costs nothing."""
import json
import re
import signal
import sys
import time

from commands import Commands, Talking, World, bin_folder, eventually, expect

PARTS = {"cpu", "memory", "disks", "network", "processes"}
QUIET_S = 10.0
MOST_TICKS = 2


def ticks(pid: int) -> int:
    """CPU time of a process in the kernel's ticks, user and system."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def samples(lines: list[str]) -> dict[str, list[int]]:
    """The numbers of the samples that each part was seen with."""
    seen: dict[str, list[int]] = {}
    for line in lines:
        event = json.loads(line)
        if event["event"] == "state":
            expect("under its tag", event["object"]["tags"] == ["host"], line)
            expect("named", event["object"]["json"]["host"] == "lab", line)
            seen.setdefault(event["object"]["json"]["part"], []).append(event["data"]["sample"])
    return seen


def paused_after(hostmon: Talking) -> dict[str, int]:
    return {part: int(n) for part, n in re.findall(r"(\w+): not observed, paused after sample (\d+)", hostmon.talk())}


def observe(commands: Commands, url: str, name: str, count: int) -> dict[str, list[int]]:
    """Observes until every part was seen `count` times."""
    observer = commands.start(name, "mla", "--url", url, "observe", "--tag", "host", "--jsonl")

    def enough() -> bool:
        seen = samples(observer.lines)
        return set(seen) == PARTS and all(len(numbers) >= count for numbers in seen.values())

    observer.world.wait(f"{count} samples of each part", enough, 30)
    expect("interrupted", observer.end(signal.SIGINT) == 130)
    return samples(observer.lines)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        router = world.router("router")
        hostmon = commands.start("hostmon", "mla", "--url", router.url, "hostmon", "--name", "lab", "--interval", "100ms", "--verbose")
        hostmon.wait_for_talk("offering this machine's load")
        expect("nothing is sampled before somebody observes", "sampling" not in hostmon.talk(), hostmon.talk())

        seen = observe(commands, router.url, "first", 3)
        for numbers in seen.values():
            expect("samples are counted", numbers[0] == 1 and numbers == sorted(set(numbers)), seen)
        eventually("all parts are paused", lambda: set(paused_after(hostmon)) == PARTS)
        paused, said = paused_after(hostmon), hostmon.talk()

        before = ticks(hostmon.pid), ticks(router.process.process.pid)
        time.sleep(QUIET_S)  # the length of the measurement, not a wait
        used = [after - b for after, b in zip((ticks(hostmon.pid), ticks(router.process.process.pid)), before)]
        expect(f"hostmon and router use at most {MOST_TICKS} ticks in {QUIET_S:.0f} s", max(used) <= MOST_TICKS, used)
        expect("nothing happened meanwhile", hostmon.talk() == said, hostmon.talk())

        again = observe(commands, router.url, "second", 1)
        for part in PARTS:
            expect("the count stood still", again[part][0] == paused[part] + 1, (part, again[part][0], paused[part]))
        print(f"unobserved for {QUIET_S:.0f} s: no sample, hostmon {used[0]} ticks, router {used[1]} ticks")
        expect("interrupted", hostmon.end(signal.SIGTERM) == 130)
    return 0


if __name__ == "__main__":
    sys.exit(main())
