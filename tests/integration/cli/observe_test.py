#!/usr/bin/python3
"""An observer whose router goes and comes, whose reader goes, and who is interrupted."""
import re
import signal
import subprocess
import sys

from commands import Commands, World, bin_folder, clean_environment, expect


def test_router_killed(commands: Commands, world: World) -> None:
    router = world.router("router")
    exposer = commands.start("exposer", "mla", "--url", router.url, "expose", "temp", "--tag", "demo", "--stdin")
    observer = commands.start("observer", "mla", "--url", router.url, "observe", "temp", "--tag", "demo")
    exposer.process.say("1")
    observer.wait_for_line("^temp 1$")
    router.process.kill()
    observer.wait_for_talk("lost the link, waiting for " + re.escape(router.url))
    exposer.process.say("2")
    router.start(router.url)
    observer.wait_for_line("^temp 2$")
    observer.wait_for_talk("linked to " + re.escape(router.url))
    expect("told once", observer.talk().count("waiting for") == 1, observer.talk())
    expect("interrupted", observer.end(signal.SIGINT) == 130)
    expect("ended", exposer.end(signal.SIGTERM) == 130)
    router.process.kill()


def test_router_comes_late(commands: Commands, world: World) -> None:
    early = world.router("early")
    url = early.url
    early.process.kill()
    observer = commands.start("waiting", "mla", "--url", url, "observe", "late")
    observer.wait_for_talk(f"waiting for {re.escape(url)}: .*refused")
    early.start(url)
    exposer = commands.start("exposer", "mla", "--url", url, "expose", "late", "--value", '"here"')
    observer.wait_for_line('^late "?here"?$')
    expect("told once", observer.talk().count("waiting for") == 1, observer.talk())
    observer.end(signal.SIGINT)
    exposer.end(signal.SIGINT)
    early.process.kill()


def test_reader_goes(commands: Commands, url: str) -> None:
    """`mla observe … | head -1` ends, silently, even when no further state comes."""
    exposer = commands.start("exposer", "mla", "--url", url, "expose", "once", "--value", "1")
    process = subprocess.Popen([str(commands.world.bin / "mla"), "--url", url, "observe", "once"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=clean_environment())
    assert process.stdout is not None and process.stderr is not None
    expect("a line", process.stdout.readline() == "once 1\n")
    process.stdout.close()
    expect("ended by itself", process.wait(30) == 0)
    expect("quietly", process.stderr.read() == "")
    process.stderr.close()
    exposer.end(signal.SIGINT)


def test_count(commands: Commands, url: str) -> None:
    exposer = commands.start("exposer", "mla", "--url", url, "expose", "n", "--command", "date +%s%N", "--every", "5ms")
    seen = commands.run("mla", "--url", url, "observe", "n", "--count", "5")
    expect("five lines", seen.returncode == 0 and len(seen.stdout.splitlines()) == 5, seen)
    expect("all newer", seen.stdout.splitlines() == sorted(set(seen.stdout.splitlines())), seen)
    exposer.end(signal.SIGINT)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        test_router_killed(commands, world)
        test_router_comes_late(commands, world)
        url = world.router("router").url
        test_reader_goes(commands, url)
        test_count(commands, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
