#!/usr/bin/python3
"""What a user can get wrong, and what answers: the exit status scripts rely on, and one line that says what to do."""
import re
import socket
import sys
from dataclasses import dataclass, field

from commands import Commands, World, bin_folder, expect

FAILED, USAGE, CANNOT_CONNECT, TIMED_OUT, ABSENT = 1, 2, 3, 5, 6


@dataclass
class Misuse:
    words: list[str]
    status: int
    says: str  # a pattern in what it says on standard error
    environment: dict[str, str] = field(default_factory=dict)


def unused_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def misuses_of_mla(url: str) -> list[Misuse]:
    nobody = f"ws://127.0.0.1:{unused_port()}"
    mla = ["mla", "--url", url]
    return [
        Misuse(["mla"], USAGE, "Usage: mla"),
        Misuse([*mla, "obsreve", "x"], USAGE, 'unknown verb "obsreve"; did you mean "observe"'),
        Misuse([*mla, "observe", "x", "--cuont", "3"], USAGE, 'unknown option --cuont; did you mean "--count"'),
        Misuse([*mla, "observe", "x", "--count", "0"], USAGE, '^mla: --count: "0" is no whole number from 1 on\n'),
        Misuse([*mla, "observe", "x", "--count", "-1"], USAGE, '^mla: --count: "-1" is no whole number from 1 on\n'),
        Misuse([*mla, "expose", "x", "--value", "1", "--jobs", "0"], USAGE, '"0" is no whole number from 1 to 1000\n'),
        Misuse([*mla, "observe"], USAGE, "exactly one --tag"),
        Misuse([*mla, "observe", "--tag", "a", "--tag", "b"], USAGE, "exactly one --tag"),
        Misuse([*mla, "observe", "x", "--timeout", "5"], USAGE, '"5" is no duration'),
        Misuse([*mla, "get", '{"a":'], USAGE, "the text is not JSON"),
        Misuse([*mla, "get", '{"a":1,"a":2}'], USAGE, "twice"),
        Misuse([*mla, "get", "1e400"], USAGE, "2\\^53"),
        Misuse([*mla, "expose", "x"], USAGE, "--value,--file,--stdin,--command"),
        Misuse([*mla, "expose", "x", "--value", "{"], USAGE, '--value: "{" is not JSON'),
        Misuse([*mla, "expose", "x", "--file", "/nonexistent"], FAILED, "/nonexistent: No such file"),
        Misuse([*mla, "expose", "x", "--value", "1", "--every", "1s"], USAGE, "--every and --jobs go with --command"),
        Misuse(["mla", "--url", "http://127.0.0.1", "get", "x"], USAGE, "^mla: the URL cannot be used: 'http://127.0.0.1': the scheme 'http' is not known, only ws and ws.unix are\n$"),
        Misuse(["mla", "get", "x"], USAGE, "'nonsense'", {"MLA_URL": "nonsense"}),
        Misuse(["mla", "--url", nobody, "get", "x", "--timeout", "300ms"], CANNOT_CONNECT, f"cannot connect to {nobody}: .*refused"),
        Misuse(["mla", "--url", nobody, "observe", "x", "--timeout", "300ms"], CANNOT_CONNECT, f"waiting for {nobody}: .*refused"),
        Misuse(["mla", "--url", nobody, "hostmon", "--timeout", "300ms"], CANNOT_CONNECT, f"cannot connect to {nobody}"),
        Misuse([*mla, "ls"], USAGE, "WHAT is required"),
        Misuse([*mla, "ls", "object"], USAGE, "object not in"),
        Misuse([*mla, "ls", "objects", "--al"], USAGE, 'unknown option --al; did you mean "--all"'),
        Misuse([*mla, "ls", "objects", "tags"], USAGE, "one argument too many"),
        Misuse([*mla, "tree", "x"], USAGE, "one argument too many"),
        Misuse([*mla, "why"], USAGE, "OBJECT is required"),
        Misuse([*mla, "why", '{"a":'], USAGE, "the text is not JSON"),
        Misuse([*mla, "why", "nobody has it"], ABSENT, "nobody observes or exposes it"),
        Misuse([*mla, "why", "x" * 4050], USAGE, "too long to ask about"),
        Misuse([*mla, "top", "--onec"], USAGE, 'unknown option --onec; did you mean "--once"'),
        *[Misuse(["mla", "--url", nobody, *verb, "--timeout", "300ms"], CANNOT_CONNECT, f"cannot connect to {nobody}: .*refused")
          for verb in (["ls", "links"], ["tree"], ["why", "x"], ["top"], ["top", "--once"])],
        Misuse([*mla, "get", "nobody has it", "--timeout", "300ms"], ABSENT, "nobody exposes"),
        Misuse([*mla, "observe", "x", "--timeout", "300ms"], ABSENT, "the object is unexposed"),
        Misuse([*mla, "observe", "--tag", "x", "--timeout", "300ms"], TIMED_OUT, "no state in 300ms"),
    ]


def misuses_of_router(url: str, admin: str, folder: str) -> list[Misuse]:
    def config(name: str, text: str) -> str:
        path = f"{folder}/{name}.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    unknown = config("unknown", 'name = "x"\nlisen = "ws://127.0.0.1:0"\n')
    limit = config("limit", '[limits]\nheartbeet = "1s"\n')
    kind = config("kind", "limits.heartbeat = 10\n")
    broken = config("broken", 'name = "x\n')
    any_port = ["--listen", "ws://127.0.0.1:0", "--admin", "none"]
    return [
        Misuse(["mla-router", "--config", unknown], USAGE, re.escape(unknown) + ':2:1: unknown key "lisen"; did you mean "listen"'),
        Misuse(["mla-router", "--config", limit], USAGE, re.escape(limit) + ':2:1: unknown key "heartbeet" in limits; did you mean "heartbeat"'),
        Misuse(["mla-router", "--config", kind], USAGE, re.escape(kind) + ":1:20: limits.heartbeat wants a duration"),
        Misuse(["mla-router", "--config", broken], USAGE, re.escape(broken) + ":1:"),
        Misuse(["mla-router", "--config", "/nonexistent.toml"], USAGE, "/nonexistent.toml: No such file"),
        Misuse(["mla-router", "--thraeds", "2"], USAGE, '^mla-router: unknown option --thraeds; did you mean "--threads"'),
        Misuse(["mla-router", "--listn"], USAGE, '^mla-router: unknown option --listn; did you mean "--listen"'),
        Misuse(["mla-router", *any_port, "--rebalance-threshold", "0.001"], USAGE, 'threshold "0.001" is no number from 0.01 to 100'),
        Misuse(["mla-router", *any_port, "--busy-poll", "2s"], USAGE, 'busy_poll: "2s" is no duration from 0ms to 1s with its unit'),
        Misuse(["mla-router", *any_port], USAGE, "busy_poll: .often. is no duration", {"MLA_BUSY_POLL": "often"}),
        Misuse(["mla-router", *any_port, "--log-level", "debgu"], USAGE, 'did you mean "debug"'),
        Misuse(["mla-router", *any_port], USAGE, "log format", {"MLA_LOG_FORMAT": "xml"}),
        Misuse(["mla-router", "--listen", "ws://0.0.0.0:0"], USAGE, "beyond loopback"),
        Misuse(["mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "0.0.0.0:0"], USAGE, "beyond loopback"),
        Misuse(["mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "3002"], USAGE, "the admin address '3002' is not HOST:PORT"),
        Misuse(["mla-router", "--listen", "http://127.0.0.1:0", "--admin", "none"], USAGE, "'http'"),
        Misuse(["mla-router", *any_port, "--parent", "nonsense"], USAGE, "^mla-router: parent: the URL cannot be used: 'nonsense': it does not begin"),
        Misuse(["mla-router", "--listen", url, "--admin", "none"], FAILED, "Address already in use"),
        Misuse(["mla-router", "--listen", "ws://127.0.0.1:0", "--admin", admin], FAILED, "Address already in use"),
    ]


def check(commands: Commands, misuse: Misuse) -> None:
    ended = commands.run(*misuse.words, **misuse.environment)
    shown = f"{' '.join(misuse.words)}: status {ended.returncode}, said {ended.stderr!r}, printed {ended.stdout!r}"
    expect(f"status {misuse.status}", ended.returncode == misuse.status, shown)
    expect(f"says {misuse.says!r}", re.search(misuse.says, ended.stderr) is not None, shown)
    expect("nothing on standard output", not [line for line in ended.stdout.splitlines() if not line.startswith('{"event":"standing"')], shown)
    expect("no stack of messages", len(ended.stderr.splitlines()) <= 30, shown)


def test_unreachable_parent(commands: Commands) -> None:
    """A parent that cannot be reached is told once, and stops nobody: the router serves its own subtree."""
    parent = f"ws://127.0.0.1:{unused_port()}"
    router = commands.start("orphan", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", "--parent", parent)
    url = router.wait_for_line(r"^listening ").split()[1]
    router.wait_for_talk(f"parent cannot be reached, trying again: {parent}: .*refused")
    exposer = commands.start("exposer", "mla", "--url", url, "expose", "temp", "--value", "7")
    got = commands.run("mla", "--url", url, "get", "temp")
    expect("served", (got.returncode, got.stdout) == (0, "7\n"), got)
    expect("told once", router.talk().count("cannot be reached") == 1, router.talk())
    exposer.end(15)
    expect("ends in order", router.end(15) == 0)


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        router = commands.start("router", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "127.0.0.1:0")
        url = router.wait_for_line(r"^listening ws://127\.0\.0\.1:\d+$").split()[1]
        admin = router.wait_for_line(r"^admin http://127\.0\.0\.1:\d+$").split("//")[1]
        for misuse in [*misuses_of_mla(url), *misuses_of_router(url, admin, world.folder.name)]:
            check(commands, misuse)
        test_unreachable_parent(commands)
        version = commands.run("mla", "version")
        expect("version", version.returncode == 0 and version.stdout.startswith("mla "), version)
        expect("ends in order", router.end(2) == 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
