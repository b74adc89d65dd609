"""Observing: states of all objects merged, or a stream for each."""
from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, cast

from _mla_native import ffi, lib

from ._contract import Contract, T
from ._errors import check
from ._values import KEY, KIND, OBJECT, REASON, REASONS, SKIPPED, STANDINGS, Object, Record, Standing, State

if TYPE_CHECKING:
    from ._exchange import Exchange


class Observing(Contract[T]):
    """Objects of an observe contract, each with a handle that keeps its key from naming another."""

    def __init__(self, exchange: Exchange, kind: int, tags: list[Any], json: list[Any], options: dict[str, int]) -> None:
        self._objects: dict[int, Object] = {}
        self._held: dict[int, int] = {}
        super().__init__(exchange, kind, tags, json, options)

    def _object(self, record: Record) -> Object:
        key, handle = record[KEY], record[OBJECT]
        found = self._objects.get(key)
        if found is not None:
            lib.mla_object_free((handle,))
            return found
        found = Object._of_handle(handle, free=False)
        self._objects[key], self._held[key] = found, handle
        return found

    def _forget(self, key: int) -> None:
        self._objects.pop(key, None)
        handle = self._held.pop(key, None)
        if handle is not None:
            lib.mla_object_free((handle,))

    def _free(self) -> None:
        for key in list(self._held):
            self._forget(key)
        super()._free()

    def standing(self, of: Object | None = None) -> Standing:
        """How an object stands; without one, the contract's own."""
        out = ffi.new("mla_standing*", {"size": ffi.sizeof("mla_standing")})
        with self._changed:
            handle = next((self._held[key] for key, it in self._objects.items() if it == of), 0) if of else 0
        if of and not handle:
            return Standing("unknown")
        check(lib.mla_contract_standing(self._open(), (handle,), out))
        return Standing(STANDINGS[out.kind], ffi.string(out.text).decode(errors="replace"), out.age_ns / 1e9)


class Merged(Observing[T]):
    """What the next two share."""

    def _receive(self, record: Record, arena: bytes) -> None:
        it = self._object(record)
        if record[KIND] == lib.MLA_EVENT_STATE:
            self._items.append((it, State(record, arena, record[SKIPPED])))
        elif record[KIND] == lib.MLA_EVENT_ENDED:
            self._gone(it)
            self._forget(record[KEY])

    def _gone(self, it: Object) -> None:
        pass


class States(Merged[tuple[Object, State]]):
    """(object, state) over all objects of the contract: they take turns, each gives its newest state only."""


class StatesAndEnds(Merged[tuple[Object, "State | None"]]):
    """The same; (object, None) when the object is no longer live."""

    def _gone(self, it: Object) -> None:
        self._items.append((it, None))


class _Slot:
    """The newest state of one object that nobody has taken yet."""

    def __init__(self, it: Object) -> None:
        self.object = it
        self.states: deque[State] = deque(maxlen=1)
        self.reason = "none"
        self.muted = False

    def put(self, record: Record, arena: bytes) -> None:
        skipped = record[SKIPPED]
        if self.states:
            skipped += self.states[0].skipped + 1
        self.states.append(State(record, arena, skipped))

    def is_over(self) -> bool:
        return self.reason != "none"


class Stream:
    """The states of one object, newest only. Ends when the object is no longer live, or with the contract, which lasts as long as it."""

    def __init__(self, contract: Streams, slot: _Slot) -> None:
        self._contract = contract
        self._slot = slot
        self.object = slot.object

    @property
    def end_reason(self) -> str:
        """"none" while it lasts."""
        return self._slot.reason

    def next(self, timeout: float) -> State | None:
        """None: the time is up, or it has ended (end_reason)."""
        return cast("State | None", self._contract._next(self._slot.states, self._slot.is_over, timeout))

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> State:
        state = self._contract._next(self._slot.states, self._slot.is_over)
        if state is None:
            raise StopIteration
        return cast(State, state)

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> State:
        state = await self._contract._anext(self._slot.states, self._slot.is_over)
        if state is None:
            raise StopAsyncIteration
        return cast(State, state)

    def __del__(self) -> None:
        self._slot.muted = True
        self._slot.states.clear()


class Streams(Observing[Stream]):
    """A stream for each object, handed out with its first state. Letting go of a stream mutes its object until it ends."""

    def __init__(self, exchange: Exchange, kind: int, tags: list[Any], json: list[Any], options: dict[str, int]) -> None:
        self._slots: dict[int, _Slot] = {}
        super().__init__(exchange, kind, tags, json, options)

    def _receive(self, record: Record, arena: bytes) -> None:
        it, key = self._object(record), record[KEY]
        slot = self._slots.get(key)
        if record[KIND] == lib.MLA_EVENT_STATE:
            if slot is None:
                slot = self._slots[key] = _Slot(it)
                self._items.append(slot)
            if not slot.muted:
                slot.put(record, arena)
        elif record[KIND] == lib.MLA_EVENT_ENDED:
            if slot is not None:
                slot.reason = REASONS[record[REASON]]
                del self._slots[key]
            self._forget(key)

    def _hand_out(self, item: Any) -> Stream:
        return Stream(self, item)

    def _ended(self) -> None:
        for slot in self._slots.values():
            slot.reason = self.end_reason
