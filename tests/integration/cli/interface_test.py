#!/usr/bin/python3
"""What scripts rely on: the lines of --jsonl to the letter, how words become JSON, exit statuses, the token, what a terminal is shown,
and what a router prints and serves."""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from commands import PATIENCE_S, Commands, World, bin_folder, clean_environment, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "guests"))
from raw import Host  # noqa: E402

DENIED, TIMED_OUT = 4, 5


def members(line: str) -> list[str]:
    """In the order in which they stand."""
    return [name for name, _ in json.loads(line, object_pairs_hook=list)]


def test_lines(commands: Commands, url: str) -> None:
    mla = ["mla", "--url", url, "--jsonl"]
    observer = commands.start("lines", *mla, "observe", "--tag", "demo")
    exposer = commands.start("exposer", *mla, "expose", "temp", "--tag", "demo", "--value", '{ "c": 21 }', "--confirm")
    line = observer.wait_for_line('"event":"state"')
    expect("a state", members(line) == ["event", "object", "epoch", "version", "format", "synchronized", "age_us", "skipped", "data"], line)
    state: dict[str, Any] = json.loads(line)
    epoch = state["epoch"]
    expect("of this object", line.startswith('{"event":"state","object":{"tags":["demo"],"json":"temp"},"epoch":'), line)
    expect("whose version begins with its epoch", epoch > 0 and state["version"] == [epoch, 0], line)
    expect("the rest", line.endswith('"format":["JSON"],"synchronized":true,"age_us":0,"skipped":0,"data":{"c":21}}'), line)
    line = observer.wait_for_line('"standing":"synchronized"')
    expect("a standing", line == '{"event":"standing","object":{"tags":["demo"],"json":"temp"},"standing":"synchronized","reason":null}', line)
    line = exposer.wait_for_line('"event":"elected"')
    expect("an election", line == f'{{"event":"elected","object":{{"tags":["demo"],"json":"temp"}},"epoch":{epoch}}}', line)
    line = exposer.wait_for_line('"event":"confirmed"')
    expect("a confirmation", members(line) == ["event", "object", "version", "observers"], line)
    expect("interrupted", exposer.end(signal.SIGINT) == 130)
    line = observer.wait_for_line('"event":"ended"')
    expect("an end", line == '{"event":"ended","object":{"tags":["demo"],"json":"temp"},"reason":"gone"}', line)
    observer.end(signal.SIGTERM)


def test_data(commands: Commands, url: str, folder: Path) -> None:
    path = folder / "bytes"
    for content, label, member, shown in ((b"plain", ["TEXT"], "text", "plain"), (b"\xff\x00", [], "base64", "/wA=")):
        path.write_bytes(content)
        exposer = commands.start("raw", "mla", "--url", url, "expose", "raw", "--file", str(path), "--raw")
        line = json.loads(commands.run("mla", "--url", url, "get", "raw", "--jsonl").stdout)
        expect(f"told as {member}", (line["format"], line[member], "data" in line) == (label, shown, False), line)
        exposer.end(signal.SIGINT)


def test_words(commands: Commands, url: str) -> None:
    """A word that is no JSON names the same as its JSON string; a number, a boolean and null are themselves."""
    for typed, same, other in (("temp", '"temp"', "Temp"), ("1", "1.0", '"1"'), ("null", " null", '"null"'), ("true", "true ", '"true"')):
        exposer = commands.start("word", "mla", "--url", url, "expose", typed, "--tag", typed, "--value", "1")
        got = commands.run("mla", "--url", url, "get", same, "--tag", same)
        expect(f"{typed} is {same}", (got.returncode, got.stdout) == (0, "1\n"), got)
        got = commands.run("mla", "--url", url, "get", other, "--tag", typed, "--timeout", "200ms")
        expect(f"{typed} is not {other}", got.returncode == 6, got)
        exposer.end(signal.SIGINT)


def test_statuses(commands: Commands, url: str) -> None:
    exposer = commands.start("silent", "mla", "--url", url, "expose", "silent", "--stdin")
    watching = commands.start("watching", "mla", "--url", url, "--jsonl", "observe", "silent")
    watching.wait_for_line('"standing":"waiting"')
    got = commands.run("mla", "--url", url, "observe", "silent", "--timeout", "500ms")
    expect("who is elected and says nothing is a time-out", got.returncode == TIMED_OUT, got)
    got = commands.run("mla", "--url", url, "get", "silent", "--timeout", "500ms")
    expect("for get, too", (got.returncode, got.stdout) == (TIMED_OUT, ""), got)
    watching.end(signal.SIGINT)
    exposer.end(signal.SIGINT)
    # The same address, spelt as no listener knows it: a Host that is refused.
    stranger = url.replace("127.0.0.1", "127.1")
    for verb in (["get", "x"], ["observe", "x"], ["expose", "x", "--value", "1"], ["hostmon"], ["ls", "links"], ["tree"], ["why", "x"], ["top"]):
        ended = commands.run("mla", "--url", stranger, *verb)
        expect("denied", (ended.returncode, ended.stdout) == (DENIED, "") and "refused" in ended.stderr, ended)


def test_token(commands: Commands, url: str, folder: Path) -> None:
    token = folder / "token"
    token.write_text(" s3cret-token\n", encoding="utf-8")
    with Host(PATIENCE_S) as host:
        for words, environment in ((["--token-file", str(token)], {}), ([], {"MLA_TOKEN_FILE": str(token)})):
            process = subprocess.Popen([str(commands.world.bin / "mla"), "--url", host.url, *words, "observe", "x"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment(**environment))
            try:
                hello = host.first_message()
                expect("HELLO ends with the token, without the blanks around it", hello.endswith(b"\x4cs3cret-token"), hello)
            finally:
                process.kill()
                process.wait()
    got = commands.run("mla", "--url", url, "--token-file", str(token), "ls", "objects")
    expect("a router that asks for none does not mind", got.returncode == 0, got)
    for content, says in (("", "no token in it"), ("x" * 4097, "at most 4096 bytes")):
        token.write_text(content, encoding="utf-8")
        got = commands.run("mla", "--url", url, "get", "x", "--token-file", str(token))
        expect("refused as usage", got.returncode == 2 and says in got.stderr and "xxx" not in got.stderr, got)
    got = commands.run("mla", "--url", url, "get", "x", "--token-file", str(folder / "none"))
    expect("said which file", got.returncode == 2 and f"{folder / 'none'}: No such file" in got.stderr, got)


def on_terminal(command: list[str], **environment: str) -> list[str]:
    """What a person would see."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in clean_environment(TERM="xterm", **environment).items() if environment.get(name, value)}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, env=kept)
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 4096):
            shown += more
    except OSError:  # how Linux tells the end of a terminal
        pass
    os.close(ours)
    expect("ends well", process.wait(PATIENCE_S) == 0, shown)
    return shown.decode().splitlines()


def test_terminal(commands: Commands, url: str) -> None:
    exposer = commands.start("clock", "mla", "--url", url, "expose", "tty", "--command", "date '+{\"a\":1,\"n\":\"%N\"}'", "--every", "20ms")
    observe = [str(commands.world.bin / "mla"), "--url", url, "observe", "tty", "--count", "3"]
    for seen, name in ((on_terminal(observe, NO_COLOR=""), "\x1b[36mtty\x1b[0m"), (on_terminal(observe, NO_COLOR="1"), "tty")):
        expect("three lines", len(seen) == 3, seen)
        expect("first all of it", re.fullmatch(re.escape(name) + r' {"a":1,"n":"\d+"}', seen[0]) is not None, seen)
        expect("then what changed", all(re.fullmatch(re.escape(name) + r' \.n="\d+"', line) for line in seen[1:]), seen)
    piped = commands.run(*["mla", *observe[1:]], NO_COLOR="")
    expect("all of it and no colour elsewhere", all(re.fullmatch(r'tty {"a":1,"n":"\d+"}', line) for line in piped.stdout.splitlines()), piped)
    exposer.end(signal.SIGINT)


def test_pace_and_limit(commands: Commands, url: str) -> None:
    exposer = commands.start("fast", "mla", "--url", url, "expose", "fast", "--command", "date +%N", "--every", "5ms")
    began = time.monotonic()
    got = commands.run("mla", "--url", url, "observe", "fast", "--min-interval", "250ms", "--count", "3")
    took = time.monotonic() - began
    expect("two intervals at least", got.returncode == 0 and len(got.stdout.splitlines()) == 3 and took >= 0.5, (took, got))
    exposer.end(signal.SIGINT)
    exposer = commands.start("limited", "mla", "--url", url, "expose", "--tag", "few", "--limit", "1", "--value", "1")
    observer = commands.start("first", "mla", "--url", url, "observe", "a", "--tag", "few")
    observer.wait_for_line("^a 1$")
    got = commands.run("mla", "--url", url, "get", "b", "--tag", "few", "--timeout", "300ms")
    expect("beyond its limit an object waits", got.returncode == TIMED_OUT, got)
    observer.end(signal.SIGINT)
    got = commands.run("mla", "--url", url, "get", "b", "--tag", "few")
    expect("and is served when there is room", (got.returncode, got.stdout) == (0, "1\n"), got)
    exposer.end(signal.SIGINT)


def fetch(url: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers["Content-Type"].split(";")[0], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, "", b""


def test_router(commands: Commands, folder: Path) -> None:
    """Standard output has the addresses and nothing else; the log, on standard error, is an object a line when asked for."""
    socket = f"ws+unix://{folder / 'mla.sock'}"
    router = commands.start("talking", "mla-router", "--listen", "ws://127.0.0.1:0?heartbeat=500ms", "--listen", socket, "--admin", "127.0.0.1:0",
                            "--name", "talking", "--log-format", "json", "--log-level", "debug")
    admin = router.wait_for_line("^admin ").split()[1]
    expect("where it listens, and its pages", [re.sub(r":\d+", ":N", line) for line in router.lines] ==
           ["listening ws://127.0.0.1:N?heartbeat=500ms", f"listening {socket}", "admin http://127.0.0.1:N"], router.lines)
    for url in (router.lines[0].split()[1], socket):
        got = commands.run("mla", "--url", url, "get", "x", "--timeout", "200ms")
        expect("links are taken", got.returncode == 6, got)
    for path, kind, has in (("/", "text/html", b"<title>MLA</title>"), ("/healthz", "text/plain", b"ok\n"),
                            ("/metrics", "text/plain", b"# TYPE mla_info gauge\n"), ("/varz", "application/json", b'"name":"talking"')):
        status, told, body = fetch(admin + path)
        expect(f"{path} is served", (status, told) == (200, kind) and has in body, (status, told, body[:200]))
    expect("/varz has limits, links and counters", {"limits", "links", "counters"} <= set(json.loads(body)), body)
    expect("nothing else is", fetch(admin + "/nothing")[0] == 404)
    expect("an interrupt ends it in good order", router.end(signal.SIGINT) == 0)
    expect("no socket is left", not (folder / "mla.sock").exists())
    expect("nothing more was printed", len(router.lines) == 3, router.lines)
    log = [json.loads(line) for line in router.talk().splitlines()]
    expect("a log of objects", all(list(line) == ["time", "level", "message"] for line in log), log)
    expect("that says why it ends", [line["level"] for line in log if line["message"] == "SIGINT: draining"] == ["info"], log)
    quiet = commands.start("quiet", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", "--log-level", "off")
    quiet.wait_for_line("^listening ")
    expect("ended", quiet.end(signal.SIGTERM) == 0)
    expect("none is none, and off is off", (len(quiet.lines), quiet.talk()) == (1, ""), (quiet.lines, quiet.talk()))


def main() -> int:
    with World(bin_folder()) as world:
        commands = Commands(world)
        url = world.router("router").url
        folder = Path(world.folder.name)
        test_lines(commands, url)
        test_data(commands, url, folder)
        test_words(commands, url)
        test_statuses(commands, url)
        test_token(commands, url, folder)
        test_terminal(commands, url)
        test_pace_and_limit(commands, url)
        test_router(commands, folder)
        version = commands.run("mla", "version", "--json")
        expect("version", set(json.loads(version.stdout)) == {"version"}, version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
