#!/usr/bin/python3
"""Where states come from: a command, a file, standard input; and that no command runs or stays without an observer."""
import json
import os
import signal
import sys
import threading
from pathlib import Path

from commands import Commands, World, bin_folder, eventually, expect


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # before it is opened, and while it is read
        return False


def test_command(commands: Commands, url: str, folder: Path) -> None:
    """Runs for an observer, finds the object in its environment, and is gone with its children when the observer goes."""
    pids = folder / "pids"
    script = f'sleep 1000 & echo $$ $! > {pids}.new && mv {pids}.new {pids}; wait'
    exposer = commands.start("stuck", "mla", "--url", url, "expose", "stuck", "--command", script, "--verbose")
    exposer.wait_for_talk("offering stuck")
    observer = commands.start("observer", "mla", "--url", url, "observe", "stuck")
    eventually("the command runs", pids.exists)
    group = [int(word) for word in pids.read_text(encoding="utf-8").split()]
    expect("two processes", len(group) == 2 and all(map(alive, group)), group)
    observer.end(signal.SIGINT)
    eventually("the command and its child are gone", lambda: not any(map(alive, group)))
    exposer.wait_for_talk("stuck is withdrawn: unobserved")
    expect("interrupted", exposer.end(signal.SIGINT) == 130)


def test_command_dies_with_us(commands: Commands, url: str, folder: Path) -> None:
    pids = folder / "orphan"
    exposer = commands.start("parent", "mla", "--url", url, "expose", "orphan", "--command",
                             f"echo $$ > {pids}.new && mv {pids}.new {pids}; exec sleep 1000")
    observer = commands.start("observer", "mla", "--url", url, "observe", "orphan")
    eventually("the command runs", pids.exists)
    exposer.process.kill()
    eventually("the command is gone", lambda: not alive(int(pids.read_text(encoding="utf-8"))))
    observer.end(signal.SIGINT)


def test_environment_and_repetition(commands: Commands, url: str) -> None:
    exposer = commands.start("clock", "mla", "--url", url, "expose", "--tag", "clock", "--command",
                             r'''printf '{"object":%s,"tags":%s,"pid":%d}' "$MLA_OBJECT" "$MLA_TAGS" $$''', "--every", "20ms", "--jsonl")
    seen = commands.run("mla", "--url", url, "observe", '{"b":1,"a":"x y"}', "--tag", "clock", "--count", "3", "--jsonl")
    states = [json.loads(line)["data"] for line in seen.stdout.splitlines() if json.loads(line)["event"] == "state"]
    expect("three runs", len({state["pid"] for state in states}) == 3, seen)
    expect("told which object", states[0]["object"] == {"a": "x y", "b": 1} and states[0]["tags"] == ["clock"], states[0])
    elected = json.loads(exposer.wait_for_line('"event":"elected"'))
    expect("elected line", set(elected) == {"event", "object", "epoch"}, elected)
    withdrawn = json.loads(exposer.wait_for_line('"event":"withdrawn"'))
    expect("withdrawn line", withdrawn["reason"] == "unobserved", withdrawn)
    exposer.end(signal.SIGINT)


def test_failing_command(commands: Commands, url: str) -> None:
    exposer = commands.start("failing", "mla", "--url", url, "expose", "bad", "--command", "exit 3", "--jsonl")
    got = commands.run("mla", "--url", url, "get", "bad", "--timeout", "500ms")
    expect("declined is status 6", got.returncode == 6 and "declined" in got.stderr, got)
    exposer.wait_for_line('"reason":"declined"')
    exposer.end(signal.SIGINT)


def test_jobs(commands: Commands, url: str, folder: Path) -> None:
    """No more commands at a time than --jobs allows, and each has its turn."""
    log = folder / "jobs"
    exposer = commands.start("jobs", "mla", "--url", url, "expose", "--tag", "jobs", "--jobs", "2", "--command",
                             f"echo + >> {log}; sleep 0.2; echo - >> {log}; echo 1")
    ended: list[int] = []
    threads = [threading.Thread(target=lambda n=n: ended.append(commands.run(  # type: ignore[misc]
        "mla", "--url", url, "observe", str(n), "--tag", "jobs", "--once").returncode)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect("all were served", ended == [0] * 6, ended)
    running, most = 0, 0
    for mark in log.read_text(encoding="utf-8").split():
        running += 1 if mark == "+" else -1
        most = max(most, running)
    expect("two at a time", most == 2, log.read_text(encoding="utf-8"))
    exposer.end(signal.SIGINT)


def test_file(commands: Commands, url: str, folder: Path) -> None:
    path = folder / "state.json"
    path.write_text('{"n":1}\n', encoding="utf-8")
    exposer = commands.start("file", "mla", "--url", url, "expose", "file", "--file", str(path))
    observer = commands.start("observer", "mla", "--url", url, "observe", "file")
    observer.wait_for_line(r'^file \{"n":1\}$')
    path.write_text('{"n":2}\n', encoding="utf-8")
    observer.wait_for_line(r'^file \{"n":2\}$')
    path.write_text('{"n":', encoding="utf-8")
    exposer.wait_for_talk("is not JSON.*the former content stays exposed")
    other = folder / "other.json"
    other.write_text('{"n":3}\n', encoding="utf-8")
    os.rename(other, path)
    observer.wait_for_line(r'^file \{"n":3\}$')
    expect("no other state was seen", observer.lines == [f'file {{"n":{n}}}' for n in (1, 2, 3)], observer.lines)
    exposer.end(signal.SIGINT)
    observer.end(signal.SIGINT)


def test_stdin(commands: Commands, url: str) -> None:
    exposer = commands.start("stdin", "mla", "--url", url, "expose", "stdin", "--stdin")
    observer = commands.start("observer", "mla", "--url", url, "observe", "stdin")
    exposer.process.say('{"n": 1}')
    observer.wait_for_line(r'^stdin \{"n":1\}$')
    exposer.process.say("no JSON")
    exposer.wait_for_talk('line 2 left out: "no JSON" is not JSON')
    exposer.process.say('"after"')
    observer.wait_for_line('^stdin "after"$')
    assert exposer.process.process.stdin is not None
    exposer.process.process.stdin.close()
    got = commands.run("mla", "--url", url, "get", "stdin")
    expect("its last state stays exposed", (got.returncode, got.stdout) == (0, '"after"\n'), got)
    exposer.end(signal.SIGINT)
    observer.end(signal.SIGINT)



def test_forms(commands: Commands, url: str) -> None:
    """What is neither JSON nor text arrives as it was sent."""
    exposer = commands.start("raw", "mla", "--url", url, "expose", "raw", "--value", "no JSON\t", "--raw")
    got = commands.run("mla", "--url", url, "get", "raw")
    expect("text as it is", got.stdout == "no JSON\t\n", got)
    line = json.loads(commands.run("mla", "--url", url, "get", "raw", "--json").stdout)
    expect("labelled TEXT", (line["format"], line["text"]) == (["TEXT"], "no JSON\t"), line)
    exposer.end(signal.SIGINT)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        url = world.router("router").url
        folder = Path(world.folder.name)
        test_command(commands, url, folder)
        test_command_dies_with_us(commands, url, folder)
        test_environment_and_repetition(commands, url)
        test_failing_command(commands, url)
        test_jobs(commands, url, folder)
        test_file(commands, url, folder)
        test_stdin(commands, url)
        test_forms(commands, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
