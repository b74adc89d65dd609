"""Objects and states as Python has them."""
from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple, cast

from _mla_native import ffi, lib

from ._errors import check, error

# One mlapy_item of native.c.
ITEM = struct.Struct("=19Qq1Q")
(KIND, REASON, STANDING, KEY, OBJECT, SINK, DATA_AT, DATA_SIZE, FORMATS_AT, FORMATS_SIZE, VERSION_AT, VERSION_COUNT, TEXT_AT, TEXT_SIZE,
 EPOCH_COUNTER, EPOCH_MINTER, NTH, SKIPPED, FLAGS, AGE_NS, OBSERVERS) = range(21)
Record = tuple[int, ...]
_TWO = struct.Struct("=2q")

REASONS = ("none", "unobserved", "handed_over", "declined", "gone", "contract_dropped", "exchange_closed")
STANDINGS = ("unknown", "unexposed", "declined", "waiting", "synchronized", "stale")


def text_of(value: Any) -> bytes:
    """JSON text for the engine, which alone decides what names what, and what is refused."""
    return json.dumps(value, separators=(",", ":")).encode()


def canonical(text: str | bytes) -> str:
    """The canonical text of a JSON text: two values are the same when it is. UsageError when it names nothing."""
    data = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    buffer, length = ffi.new("char[]", 4097), ffi.new("size_t*")
    check(lib.mla_json_canonical(data, len(data), buffer, 4097, length))
    return str(ffi.buffer(buffer, length[0])[:], "utf-8")


class Epoch(NamedTuple):
    counter: int
    minter: int


class Object:
    """An object's identity: a set of tags and a JSON value. Equal when the whole canonical text is."""

    __slots__ = ("canonical", "tags", "json")
    canonical: str
    tags: tuple[Any, ...]
    json: Any

    def __init__(self, tags: Any, json: Any) -> None:
        """From values; UsageError when they name nothing."""
        texts = [ffi.new("char[]", text_of(tag)) for tag in tags]
        made = ffi.new("mla_object*")
        check(lib.mla_object_new(ffi.new("char*[]", texts), len(texts), text_of(json), made))
        self._read(made[0])
        lib.mla_object_free(made[0])

    @classmethod
    def _of_handle(cls, number: int, free: bool = True) -> Object:
        made = cls.__new__(cls)
        made._read((number,))
        if free:
            lib.mla_object_free((number,))
        return made

    def _read(self, handle: Any) -> None:
        text = ffi.new("char**")
        lib.mla_object_canonical(handle, text)
        self.canonical = ffi.string(text[0]).decode()
        tags, self.json = json.loads(self.canonical)
        self.tags = tuple(tags)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Object) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    def __repr__(self) -> str:
        return f"Object(tags={list(self.tags)!r}, json={self.json!r})"


_formats: dict[bytes, tuple[str, ...]] = {b"": (), b"JSON": ("JSON",)}


def formats_of(labels: bytes) -> tuple[str, ...]:
    found = _formats.get(labels)
    if found is None:
        found = tuple(labels.decode().split("\n"))
        if len(_formats) < 1000:
            _formats[labels] = found
    return found


class State:
    """One state of one object. What describes it is worked out when it is asked for."""

    __slots__ = ("data", "format", "version", "skipped", "_record")

    def __init__(self, record: Record, arena: bytes, skipped: int) -> None:
        at, formats_at = record[DATA_AT], record[FORMATS_AT]
        #: the bytes
        self.data = arena[at:at + record[DATA_SIZE]]
        #: stack of labels, last applied last
        self.format = formats_of(arena[formats_at:formats_at + record[FORMATS_SIZE]])
        self.version = version_of(record, arena)
        #: states of this object left out before this one; at least so many unless skipped_exact
        self.skipped = skipped
        self._record = record

    def json(self) -> Any:
        """The value, when the format's last label says that it is one."""
        if self.format[-1:] != ("JSON",):
            raise error(lib.MLA_E_WRONG_FORMAT, f"the state's format is {list(self.format)}, not JSON")
        return json.loads(self.data)

    def text(self) -> str:
        return self.data.decode()

    @property
    def epoch(self) -> Epoch:
        return Epoch(self._record[EPOCH_COUNTER], self._record[EPOCH_MINTER])

    @property
    def synchronized(self) -> bool:
        """True: an unbroken path to its exposer."""
        return bool(self._record[FLAGS] & 1)

    @property
    def age(self) -> float:
        """Seconds since it was last synchronized; 0 while it is."""
        return self._record[AGE_NS] / 1e9

    @property
    def skipped_exact(self) -> bool:
        return bool(self._record[FLAGS] & 2)

    @property
    def nth(self) -> int:
        """Number within its epoch, from 1, counted at the exposer."""
        return self._record[NTH]

    def __repr__(self) -> str:
        return f"State({self.data[:60]!r}, version={self.version}, synchronized={self.synchronized})"


def version_of(record: Record, arena: bytes) -> tuple[int, ...]:
    if record[VERSION_COUNT] == 2:
        return _TWO.unpack_from(arena, record[VERSION_AT])
    return struct.unpack_from(f"={record[VERSION_COUNT]}q", arena, record[VERSION_AT])


class Standing(NamedTuple):
    """What is known of an object's production."""

    kind: str  #: unknown, unexposed, declined, waiting, synchronized, stale
    reason: str = ""  #: for declined
    age: float = 0.0  #: for stale, in seconds


def state_of_handle(handle: Any) -> State:
    """Frees the handle."""
    batch = lib.mlapy_batch_new()
    try:
        check(lib.mlapy_unpack(handle, batch))
        record = cast(Record, ITEM.unpack(ffi.buffer(ffi.addressof(batch.items[0]), ITEM.size)[:]))
        arena = bytes(ffi.buffer(batch.arena, batch.used)) if batch.used else b""
    finally:
        lib.mlapy_batch_free(batch)
    return State(record, arena, record[SKIPPED])
