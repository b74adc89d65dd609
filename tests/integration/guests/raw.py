"""A peer that speaks WebSocket and CBOR by hand, and so can say anything, at any time."""
import base64
import hashlib
import os
import re
import socket
import struct
import time
from pathlib import Path
from typing import Any

REQUEST = ("GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: {key}\r\n{more}\r\n")
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
ROOT = Path(__file__).resolve().parents[3]
# Number -> name. A WebSocket close carries 4000 and the number.
ERRORS = {int(number): name for name, number in
          re.findall(r"^MLA_ERROR\((\w+), (\d+),", (ROOT / "contracts/include/mla/errors.def").read_text(), re.MULTILINE)}


def cbor(value: Any) -> bytes:
    """The few CBOR items that frames are made of."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(cbor, value))


def head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(number)


def hello(node: int | None = None, path: list[int] | None = None) -> bytes:
    """A HELLO as a well-behaved child says it."""
    node = node or int.from_bytes(os.urandom(7)) + 1
    return cbor([24, 1, 1, node, 1, 10000, "guest", path if path is not None else [node], [], b""])


class Guest:
    """One connection. Every read has a deadline; what was not expected raises."""

    def __init__(self, url: str, deadline_s: float) -> None:
        self.host = url.removeprefix("ws://")
        address, port = self.host.rsplit(":", 1)
        self.deadline_s = deadline_s
        self.socket = socket.create_connection((address, int(port)), timeout=deadline_s)

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Sends as much as the far side takes: that it hangs up meanwhile is what many cases want."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read_to_end(self) -> bytes:
        """All that comes until the far side hangs up; TimeoutError when it does not."""
        end, data = time.monotonic() + self.deadline_s, b""
        while True:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                return data
            if not more:
                return data
            data += more

    def read_answer(self) -> str:
        """The head of an HTTP answer."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(1)
            if not more:
                break
            data += more
        return data.decode("latin1")

    def ask(self, host: str | None = None, protocol: str | None = "mla.v1", more: str = "") -> str:
        """Asks for the upgrade; returns the first line of the answer."""
        if protocol:
            more += f"Sec-WebSocket-Protocol: {protocol}\r\n"
        key = base64.b64encode(os.urandom(16)).decode()
        self.send(REQUEST.format(host=host or self.host, key=key, more=more).encode())
        return self.read_answer().split("\r\n")[0]

    def upgrade(self) -> "Guest":
        answer = self.ask()
        assert " 101 " in answer, answer
        return self

    def frame(self, kind: int, payload: bytes, final: bool = True, masked: bool = True) -> None:
        first = (0x80 if final else 0) | kind
        mask = os.urandom(4) if masked else b""
        bit = 0x80 if masked else 0
        if len(payload) < 126:
            start = bytes([first, bit | len(payload)])
        elif len(payload) < 1 << 16:
            start = bytes([first, bit | 126]) + struct.pack(">H", len(payload))
        else:
            start = bytes([first, bit | 127]) + struct.pack(">Q", len(payload))
        self.send(start + mask + (bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if masked else payload))

    def read_frame(self) -> tuple[int, bytes]:
        """The next WebSocket frame from the router (never masked)."""
        first, length = self.exactly(2)
        if length == 126:
            length = struct.unpack(">H", self.exactly(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.exactly(8))[0]
        return first & 15, self.exactly(length)

    def sent_away(self, *errors: str) -> None:
        """Reads up to the router's WebSocket close, whose code must be that of one of these errors, and does as told."""
        while True:
            kind, payload = self.read_frame()
            if kind == CLOSE:
                break
        code = struct.unpack(">H", payload[:2])[0]
        name = ERRORS.get(code - 4000, str(code))
        assert name in errors, f"sent away with {name}, not {' or '.join(errors)}"
        self.frame(CLOSE, payload[:2])
        self.read_to_end()

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("hung up")
            data += more
        return data

    def welcomed(self) -> "Guest":
        """Upgrades and says HELLO; on return the router has said WELCOME."""
        self.upgrade().frame(BINARY, hello())
        kind, message = self.read_frame()
        assert kind == BINARY and message[1:3] == b"\x18\x19", (kind, message)
        return self


class Host:
    """The other way round: a listener for one program, whose HELLO it reads; it says nothing itself."""

    def __init__(self, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(deadline_s)
        self.url = f"ws://127.0.0.1:{self.listening.getsockname()[1]}"

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.close()

    def first_message(self) -> bytes:
        """What the next program that links says first."""
        connection, _ = self.listening.accept()
        with connection, connection.makefile("rb") as reading:
            connection.settimeout(self.deadline_s)
            headers = b"".join(iter(reading.readline, b"\r\n")).decode("latin1")
            key = re.search(r"(?i)^sec-websocket-key: *(\S+)", headers, re.MULTILINE)
            assert key, headers
            accept = base64.b64encode(hashlib.sha1(key.group(1).encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               b"Sec-WebSocket-Protocol: mla.v1\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
            _, length = reading.read(2)
            length &= 127
            if length == 126:
                length = struct.unpack(">H", reading.read(2))[0]
            mask = reading.read(4)
            return bytes(b ^ mask[i % 4] for i, b in enumerate(reading.read(length)))
