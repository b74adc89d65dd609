#!/usr/bin/python3
"""`expose --stdin --end-with-input`: whoever observes is given the last line, however soon the input ends."""
import signal
import sys

from commands import Commands, World, bin_folder, expect

ENDING = ("--stdin", "--end-with-input")


def test_observer_first(commands: Commands, url: str) -> None:
    observer = commands.start("observer", "mla", "--url", url, "observe", "x")
    for n in range(10):
        ended = commands.run("mla", "--url", url, "expose", "x", *ENDING, given=f"0\n{n}.5\n")
        expect("it ends by itself", (ended.returncode, ended.stderr) == (0, ""), ended)
        observer.wait_for_line(rf"^x {n}\.5$")
    ended = commands.run("mla", "--url", url, "expose", "x", *ENDING, given="10.5\n{\n")
    expect("a line left out is status 1", ended.returncode == 1 and "line 2 left out" in ended.stderr, ended)
    observer.wait_for_line(r"^x 10\.5$")
    observer.end(signal.SIGINT)


def test_observer_later(commands: Commands, url: str) -> None:
    exposer = commands.start("early", "mla", "--url", url, "--verbose", "expose", "y", *ENDING)
    exposer.process.wanted_to_live = False  # it ends by itself
    exposer.process.say("7")
    assert exposer.process.process.stdin is not None
    exposer.process.process.stdin.close()
    exposer.wait_for_talk("waiting until its last state is taken")
    got = commands.run("mla", "--url", url, "get", "y")
    expect("the last state is given to who comes", (got.returncode, got.stdout) == (0, "7\n"), got)
    expect("then it ends", exposer.process.process.wait(30) == 0)


def test_nobody(commands: Commands, url: str) -> None:
    ended = commands.run("mla", "--url", url, "--timeout", "300ms", "expose", "z", *ENDING, given="1\n2")
    expect("nobody took it", ended.returncode == 5 and "nobody took the last state in 300ms" in ended.stderr, ended)
    for nothing in ("", "\n\n"):
        ended = commands.run("mla", "--url", url, "expose", "z", *ENDING, given=nothing)
        expect("nothing to wait for", ended.returncode == 0, ended)
    ended = commands.run("mla", "--url", url, "expose", "z", *ENDING, given="{\n")
    expect("nothing to wait for, but a line left out", ended.returncode == 1, ended)


def test_exposer_without_a_link(commands: Commands, world: World) -> None:
    """Without its router an exposer has no observers; that is not what it should say."""
    router = world.router("mortal")
    exposer = commands.start("cut", "mla", "--url", router.url, "--verbose", "expose", "w", "--value", "1")
    observer = commands.start("watching", "mla", "--url", router.url, "observe", "w")
    observer.wait_for_line("^w 1$")
    observer.end(signal.SIGINT)
    exposer.wait_for_talk("w is withdrawn: unobserved")
    again = commands.start("again", "mla", "--url", router.url, "observe", "w")
    again.wait_for_line("^w 1$")
    router.process.kill()
    exposer.wait_for_talk("w is withdrawn: the link is lost")
    expect("nothing else was said of it", exposer.talk().count("unobserved") == 1, exposer.talk())
    again.end(signal.SIGINT)
    exposer.end(signal.SIGINT)


def test_standing_before_the_link(commands: Commands, world: World, url: str) -> None:
    """Until it is linked an observer cannot know that nobody exposes the object."""
    exposer = commands.start("there", "mla", "--url", url, "expose", "v", "--value", "1")
    for _ in range(5):
        seen = commands.run("mla", "--url", url, "--jsonl", "observe", "v", "--once")
        expect("no word of unexposed", seen.returncode == 0 and "unexposed" not in seen.stdout, seen)
    exposer.end(signal.SIGINT)
    nobody = commands.start("nobody", "mla", "--url", url, "--jsonl", "observe", "u")
    nobody.wait_for_line('"standing":"unexposed"')  # once it can be known
    nobody.end(signal.SIGINT)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        url = world.router("router").url
        test_observer_first(commands, url)
        test_observer_later(commands, url)
        test_nobody(commands, url)
        test_exposer_without_a_link(commands, world)
        test_standing_before_the_link(commands, world, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
