"""Exposing: a sink for each object that this process is elected for."""
from __future__ import annotations

import asyncio
import json
import time
from typing import Any, NamedTuple, cast

from _mla_native import ffi, lib

from ._contract import Contract
from ._errors import check, error
from ._values import KIND, OBJECT, REASONS, SINK, Epoch, Object, Record, State, state_of_handle

_SLICE_S = 0.2  # so long a signal may wait while a thread waits for a sink


class SendResult(NamedTuple):
    outcome: str  #: accepted, stale, ended
    version: tuple[int, ...]  #: accepted: the state's; stale: what it must exceed

    def __bool__(self) -> bool:
        return self.outcome == "accepted"


class Sink:
    """Where the states of one object are put, from the election to its end. Letting go of it does not end the election; its contract
    lasts as long as it."""

    def __init__(self, contract: Sinks, it: Object, handle: int) -> None:
        self._contract = contract
        self._handle: Any = (handle,)
        self.object = it

    def send(self, value: Any, format: tuple[str, ...] | None = None, version: tuple[int, ...] = ()) -> SendResult:  # noqa: A002
        """Answers at once. Bytes go as they are, with `format`; anything else as JSON. Raises LimitError and UsageError for what
        cannot be sent."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            data, labels = bytes(value), format or ()
        elif format is None or format == ("JSON",):
            data, labels = _json(value), ("JSON",)
        elif isinstance(value, str):
            data, labels = value.encode(), format
        else:
            raise TypeError("only bytes and str have a format of their own")
        out = ffi.new("mla_send_result*", {"size": ffi.sizeof("mla_send_result")})
        texts = [_label(label) for label in labels]
        status = lib.mla_sink_send(self._handle, data, len(data), ffi.new("char*[]", texts), len(texts), list(version), len(version), out)
        if status == lib.MLA_E_ENDED:
            return SendResult("ended", ())
        if status not in (lib.MLA_OK, lib.MLA_E_STALE):
            check(status)
        items = tuple(out.version[0:out.version_count])
        return SendResult("stale" if status else "accepted", items)

    @property
    def current(self) -> State | None:
        """The newest state known, of this or another exposer."""
        made = ffi.new("mla_state*")
        check(lib.mla_sink_current(self._handle, made))
        return state_of_handle(made[0]) if made.id else None

    @property
    def epoch(self) -> Epoch:
        counter, minter = ffi.new("uint64_t*"), ffi.new("uint64_t*")
        check(lib.mla_sink_epoch(self._handle, counter, minter))
        return Epoch(counter[0], minter[0])

    @property
    def observers(self) -> int | None:
        """How many exchanges hold the newest confirmed state."""
        count = ffi.new("int64_t*")
        check(lib.mla_sink_observers(self._handle, count))
        return None if count[0] < 0 else int(count[0])

    @property
    def end_reason(self) -> str:
        """"none" while it lasts."""
        reason = ffi.new("uint32_t*")
        check(lib.mla_sink_end_reason(self._handle, reason))
        return REASONS[reason[0]]

    def decline(self, reason: str, retry_after: float = 1.0) -> None:
        """Gives the object back: others are tried, this contract is left out for it meanwhile."""
        check(lib.mla_sink_decline(self._handle, ffi.new("char[]", reason.encode()), int(retry_after * 1e9)))

    def confirm(self, version: tuple[int, ...], timeout: float = 10.0) -> int:
        """Waits until all who observe hold that state or a newer one; how many exchanges do. TimedOut, AbsentError (it has ended)."""
        deadline = time.monotonic() + timeout
        observers = ffi.new("uint64_t*")
        while True:
            left = deadline - time.monotonic()
            status = lib.mla_sink_confirm(self._handle, list(version), len(version), int(max(0.0, min(left, _SLICE_S)) * 1e9), observers)
            if status != lib.MLA_E_TIMED_OUT or left <= 0:
                check(status)
                return int(observers[0])

    def wait_ended(self, timeout: float | None = None) -> str | None:
        """Why it ended; None when the time is up."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _SLICE_S if deadline is None else deadline - time.monotonic()
            status = lib.mla_sink_wait_end(self._handle, int(max(0.0, min(left, _SLICE_S)) * 1e9))
            if status == lib.MLA_OK:
                return self.end_reason
            if status != lib.MLA_E_TIMED_OUT:
                check(status)
            if deadline is not None and left <= 0:
                return None

    async def ended(self) -> str:
        """Why it ended, when it has."""
        contract = self._contract
        while True:
            reason = self.end_reason
            if reason != "none":
                return reason
            with contract._changed:
                took = contract._take()
            if took:
                contract._readable.wake()
                await asyncio.sleep(0)
                continue
            await contract._readable.wait()

    def __del__(self) -> None:
        lib.mla_sink_free(self._handle)


class _Elected(NamedTuple):
    """A sink that nobody has taken yet."""

    object: Object
    handle: int


def _json(value: Any) -> bytes:
    """What every observer can read: no NaN, and no half of a character."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as refused:
        raise error(lib.MLA_E_JSON_ENCODING) from refused
    except ValueError as refused:  # or a value that holds itself
        raise error(lib.MLA_E_JSON_NUMBER, str(refused)) from refused


_labels: dict[str, Any] = {}


def _label(label: str) -> Any:
    found = _labels.get(label)
    if found is None:
        found = ffi.new("char[]", label.encode())
        if len(_labels) < 1000:
            _labels[label] = found
    return found


class Sinks(Contract[Sink]):
    """The sinks of an expose contract, one for each election."""

    def _receive(self, record: Record, arena: bytes) -> None:
        if record[KIND] == lib.MLA_EVENT_ELECTED:
            self._items.append(_Elected(Object._of_handle(record[OBJECT]), record[SINK]))
            return
        lib.mla_object_free((record[OBJECT],))
        lib.mla_sink_free((record[SINK],))

    def _hand_out(self, item: Any) -> Sink:
        elected = cast(_Elected, item)
        return Sink(self, elected.object, elected.handle)

    def _free(self) -> None:
        for elected in self._items:
            lib.mla_sink_free((cast(_Elected, elected).handle,))
        self._items.clear()
        super()._free()

    def set_capacity(self, capacity: int) -> None:
        """A weight; 0: nothing new, and hand over what this contract has."""
        check(lib.mla_contract_set_capacity(self._open(), capacity))
