#!/usr/bin/python3
"""A connection that neither ends nor carries anything, as when a cable is pulled: both ends notice within three heartbeats, and the
child turns to the next parent of its list."""
import json
import selectors
import signal
import socket
import threading
import time
from pathlib import Path

import operate  # noqa: F401
from commands import Commands, bin_folder, expect
from leaves import Exposer, Observer
from processes import World

HEARTBEAT_S = 0.3
PROMISED_S = 3 * HEARTBEAT_S + 1.0  # P5
COUNT = ("--objects", "6", "--period-ms", "50")
DEADLINE_S = 60.0


class Cable:
    """Carries bytes between those who connect here and an address, until it is pulled."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.waker, self.wake = socket.socketpair()
        self.pulled = threading.Event()
        self.ends: dict[socket.socket, socket.socket] = {}
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.listening.getsockname()[1]}"

    def carry(self) -> None:
        with selectors.DefaultSelector() as selector:
            for readable in (self.listening, self.waker):
                selector.register(readable, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    one = key.fileobj
                    assert isinstance(one, socket.socket)
                    if one is self.waker:
                        return
                    if one is self.listening:
                        near, far = self.listening.accept()[0], socket.create_connection(("127.0.0.1", self.port))
                        self.ends |= {near: far, far: near}
                        for end in (near, far):
                            selector.register(end, selectors.EVENT_READ)
                    elif data := one.recv(1 << 16):
                        self.ends[one].sendall(data)
                    else:
                        selector.unregister(one)
                        self.ends[one].shutdown(socket.SHUT_WR)

    def pull(self) -> None:
        """Nothing moves any more, and nobody is told."""
        self.wake.send(b"x")
        self.thread.join()

    def close(self) -> None:
        for end in [self.listening, self.waker, self.wake, *self.ends]:
            end.close()


def run(world: World) -> None:
    beat = f"?heartbeat={int(HEARTBEAT_S * 1000)}ms"
    top = world.router("top")
    commands = Commands(world)
    config = Path(world.folder.name) / "mla.toml"
    config.write_text('allowed_hosts = "127.0.0.1"\n', encoding="utf-8")  # on any port: the child sees that of the cable
    first = commands.start("first", "mla-router", "--config", str(config), "--listen", "ws://127.0.0.1:0" + beat, "--admin", "none",
                           "--parent", top.url, "--log-format", "json")
    second = world.router("second", parent=top.url)
    port = int(first.wait_for_line("listening").split("?")[0].rpartition(":")[2])
    cable = Cable(port)
    child = commands.start("child", "mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", "--name", "child",
                           "--parent", cable.url + beat, "--parent", second.url)
    Exposer(world, "exposer", "--up", top.url, *COUNT)
    observer = Observer(world, "observer", "--up", child.wait_for_line("listening").split()[1], *COUNT)
    world.wait("all objects arrive", lambda: observer.holds(6), DEADLINE_S)
    first.wait_for_talk("child child .*has linked")
    expect("it is linked through the cable", f"linked to parent {cable.url}" in child.talk(), child.talk())

    cable.pull()
    pulled = time.monotonic()
    child.wait_for_talk(f"linked to parent {second.url}")
    linked = time.monotonic()
    expect("the loss is in the log, however soon it was over", "lost the link to the parent" in child.talk(), child.talk())
    world.wait("objects go on through the second parent", lambda: observer.holds(6, since=linked), 10 * PROMISED_S)
    took = time.monotonic() - pulled
    print(f"cable pulled: all objects again after {took:.3f} s, heartbeats of {HEARTBEAT_S} s")
    expect("within ten times what is promised", took < 10 * PROMISED_S, took)
    first.wait_for_talk("child child .*is gone: nothing was heard from the peer for three heartbeats")
    expect("both end in good order", child.end(signal.SIGTERM) == 0 and first.end(signal.SIGTERM) == 0)
    cable.close()
    for line in first.talk().splitlines():
        expect("each line of the log is an object", set(json.loads(line)) == {"time", "level", "message"}, line)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
