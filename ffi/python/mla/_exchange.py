"""The node in this process, and what it can do."""
from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Literal, overload

from _mla_native import ffi, lib

from ._errors import check, error
from ._expose import Sinks
from ._observe import Observing, States, StatesAndEnds, Streams
from ._values import State, Standing

LINK_STATUSES = ("connecting", "linked", "stale", "refused", "closed")
_SLICE_S = 0.2
Named = tuple[Any, Any]  # (tags, json)


def connect(url: str | list[str] | None = None, token_file: str | Path | None = None, *, name: str = "") -> Exchange:
    """An exchange that keeps itself linked to a parent: dials the URLs in turn, again after a loss. It does not wait for the link (see
    wait_linked). Without a URL it is a tree by itself."""
    return Exchange(url, token_file, name=name)


class Exchange:
    """Ends with its `with` block, with close(), or when nothing refers to it any more; what it gave out keeps it."""

    def __init__(self, url: str | list[str] | None = None, token_file: str | Path | None = None, *, name: str = "") -> None:
        self._handle: Any = None
        self._connector: Any = None
        made = ffi.new("mla_exchange*")
        label = ffi.new("char[]", name.encode())
        check(lib.mla_exchange_new((0,), ffi.new("mla_exchange_options*", {"size": ffi.sizeof("mla_exchange_options"), "name": label}), made))
        self._handle = made[0]
        try:
            if url is not None:
                self._dial(url, token_file)
        except BaseException:
            self.close()
            raise

    def _dial(self, url: str | list[str], token_file: str | Path | None) -> None:
        urls = [ffi.new("char[]", one.encode()) for one in ([url] if isinstance(url, str) else url)]
        options = ffi.new("mla_connector_options*", {"size": ffi.sizeof("mla_connector_options")})
        token = ffi.new("char[]", Path(token_file).read_text().strip().encode()) if token_file is not None else ffi.NULL
        options.credentials = token
        up = ffi.new("mla_connector*")
        check(lib.mla_connector_new(self._handle, ffi.new("char*[]", urls), len(urls), options, up))
        self._connector = up[0]

    def _open(self) -> Any:
        if not self._handle:
            raise error(lib.MLA_E_CLOSED)
        return self._handle

    # ---- contracts

    @overload
    def states(self, *, tag: Any = ..., object: Named = ..., min_interval: float = ..., ends: Literal[False] = ...) -> States: ...
    @overload
    def states(self, *, tag: Any = ..., object: Named = ..., min_interval: float = ..., ends: Literal[True]) -> StatesAndEnds: ...
    def states(self, *, tag: Any = ..., object: Any = ..., min_interval: float = 0.0, ends: bool = False) -> Any:  # noqa: A002
        """(object, state) of one object, named by (tags, json), or merged over all live objects of a tag. With `ends`, (object, None) when
        an object is no longer live."""
        kind, tags, json = _named(tag, object, lib.MLA_TAG_OBSERVE, lib.MLA_OBJECT_OBSERVE)
        return (StatesAndEnds if ends else States)(self, kind, tags, json, _observing(min_interval))

    def observe(self, *, tag: Any = ..., object: Any = ..., min_interval: float = 0.0) -> Streams:  # noqa: A002
        """The same as a stream for each object."""
        kind, tags, json = _named(tag, object, lib.MLA_TAG_OBSERVE, lib.MLA_OBJECT_OBSERVE)
        return Streams(self, kind, tags, json, _observing(min_interval))

    def expose(self, *, tag: Any = ..., object: Any = ..., capacity: int = 1, priority: int = 0, limit: int | None = None,  # noqa: A002
               preempt: bool = True, current: bool = False, confirm: bool = False, linger: float = 0.0) -> Sinks:
        """A sink for each object of that name or tag that this process is elected for, while somebody observes it."""
        kind, tags, json = _named(tag, object, lib.MLA_TAG_EXPOSE, lib.MLA_OBJECT_EXPOSE)
        flags = lib.MLA_HAS_CAPACITY | (lib.MLA_HAS_LIMIT if limit is not None else 0)
        flags |= (0 if preempt else lib.MLA_WITHOUT_PREEMPTION) | (lib.MLA_WITH_CURRENT if current else 0)
        flags |= lib.MLA_WITH_CONFIRMATION if confirm else 0
        return Sinks(self, kind, tags, json, {"flags": flags, "capacity": capacity, "limit": limit or 0, "priority": priority,
                                              "linger_ns": int(linger * 1e9)})

    def get(self, tags: Any, json: Any, timeout: float = 5.0) -> State:
        """The newest state of an object, once there is one that is synchronized. AbsentError when nobody exposes it, or those who could
        declined it, until the time is up; else TimedOut."""
        deadline = time.monotonic() + timeout
        with self.states(object=(tags, json)) as found:
            while (item := found._next(found._items, lambda: found._over, max(0.0, deadline - time.monotonic()))) is not None:
                if item[1].synchronized:
                    return _state(item)
            raise _absent(found)

    async def aget(self, tags: Any, json: Any, timeout: float = 5.0) -> State:
        """get() for asyncio."""
        deadline = time.monotonic() + timeout
        with self.states(object=(tags, json)) as found:
            while (item := await found._anext(found._items, lambda: found._over, max(0.0, deadline - time.monotonic()))) is not None:
                if item[1].synchronized:
                    return _state(item)
            raise _absent(found)

    # ---- the link

    @property
    def status(self) -> str:
        """connecting, linked, stale, refused, closed."""
        if not self._connector:
            return "closed"
        out = ffi.new("mla_connector_status*", {"size": ffi.sizeof("mla_connector_status")})
        check(lib.mla_connector_get_status(self._connector, out))
        return LINK_STATUSES[out.status]

    def wait_linked(self, timeout: float = 5.0) -> None:
        """TimedOut; DeniedError and the like say why the last attempt failed."""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            status = lib.mla_connector_wait_linked(self._connector or (0,), int(max(0.0, min(left, _SLICE_S)) * 1e9))
            if status != lib.MLA_E_TIMED_OUT or left <= 0:
                return check(status)

    async def linked(self, timeout: float = 5.0) -> None:
        """wait_linked() for asyncio."""
        await asyncio.get_running_loop().run_in_executor(None, self.wait_linked, timeout)

    @property
    def node(self) -> int:
        """The number by which the tree knows this exchange."""
        number = ffi.new("uint64_t*")
        check(lib.mla_exchange_node(self._open(), number))
        return int(number[0])

    def close(self) -> None:
        """Ends its contracts; states already sent get up to a second to leave."""
        handle, self._handle = self._handle, None
        connector, self._connector = self._connector, None
        if handle:
            lib.mla_exchange_free(handle)
        if connector:
            lib.mla_connector_free(connector)

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Exchange:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.close)

    def __del__(self) -> None:
        self.close()


def _named(tag: Any, it: Any, by_tag: int, by_object: int) -> tuple[int, list[Any], list[Any]]:
    if (tag is ...) == (it is ...):
        raise TypeError("either tag=… or object=(tags, json)")
    if it is ...:
        return by_tag, [tag], []
    tags, json = it
    if isinstance(tags, (str, bytes)):
        raise TypeError("tags are a list")
    return by_object, list(tags), [json]


def _observing(min_interval: float) -> dict[str, int]:
    return {"min_interval_ns": int(min_interval * 1e9)}


def _state(item: Any) -> State:
    state: State = item[1]
    return state


def _absent(found: Observing[Any]) -> Exception:
    if found.end_reason != "none":
        return error(lib.MLA_E_CLOSED)
    standing: Standing = found.standing()
    if standing.kind == "declined":
        return error(lib.MLA_E_DECLINED, f"its exposers declined the object: {standing.reason}")
    return error(lib.MLA_E_UNEXPOSED if standing.kind == "unexposed" else lib.MLA_E_TIMED_OUT)
