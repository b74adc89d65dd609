"""What all contracts share: taking events, and waiting for them from threads and from asyncio, both by one descriptor."""
from __future__ import annotations

import asyncio
import select
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from _mla_native import ffi, lib

from ._errors import check, error
from ._values import ITEM, REASONS, Record, text_of

if TYPE_CHECKING:
    from ._exchange import Exchange

T = TypeVar("T")
_AT_A_TIME = 256  # items served without a turn of asyncio's loop


class Readable:
    """Coroutines that wait for one descriptor. Knows no contract, so that the loop keeps none alive."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.waiters: list[asyncio.Future[None]] = []
        self.loop: asyncio.AbstractEventLoop | None = None

    async def wait(self, seconds: float | None = None) -> None:
        loop = asyncio.get_running_loop()
        if self.fd < 0:
            return
        if self.loop is not loop and self.waiters:
            raise error(lib.MLA_E_BUSY, "another event loop waits on this contract")
        future: asyncio.Future[None] = loop.create_future()
        if not self.waiters:
            self.loop = loop
            loop.add_reader(self.fd, self.wake)
        self.waiters.append(future)
        timer = loop.call_later(seconds, _finish, future) if seconds is not None else None
        try:
            await future
        finally:
            if timer:
                timer.cancel()
            self.waiters.remove(future)
            if not self.waiters and self.fd >= 0:
                loop.remove_reader(self.fd)

    def wake(self) -> None:
        for future in self.waiters:
            _finish(future)

    def close(self) -> None:
        """On the loop's thread, before the descriptor goes."""
        if self.waiters and self.loop and self.fd >= 0:
            self.loop.remove_reader(self.fd)
        self.fd = -1
        self.wake()


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Contract(Generic[T]):
    """A contract, and an iterator of what it gives: `for` and `async for` both work. It ends with its `with` block, with close(), or
    when nothing refers to it any more."""

    def __init__(self, exchange: Exchange, kind: int, tags: list[Any], json: list[Any], options: dict[str, int]) -> None:
        self._handle: Any = None
        self._exchange = exchange  # stays linked as long as it is used
        texts = [ffi.new("char[]", text_of(tag)) for tag in tags]
        chosen = ffi.new("mla_contract_options*", {"size": ffi.sizeof("mla_contract_options"), **options})
        made, fd = ffi.new("mla_contract*"), ffi.new("int*")
        check(lib.mla_contract_new(exchange._open(), kind, ffi.new("char*[]", texts), len(texts),
                                   ffi.new("char[]", text_of(json[0])) if json else ffi.NULL, chosen, made))
        self._handle = made[0]
        self._batch = lib.mlapy_batch_new()
        self._items: deque[Any] = deque()
        self._over = False
        self._served = 0
        self._changed = threading.Condition()
        self._polling = False
        try:
            check(lib.mla_contract_fd(self._handle, fd))
        except BaseException:
            self._free()
            raise
        self._readable = Readable(fd[0])
        self._poller = select.poll()
        self._poller.register(fd[0], select.POLLIN)

    # ---- for those who inherit

    def _receive(self, record: Record, arena: bytes) -> None:
        """One event. Owns the handles in it."""
        raise NotImplementedError

    def _ended(self) -> None:
        """Nothing comes any more."""

    def _hand_out(self, item: Any) -> T:
        """What users get for an item. Items themselves do not refer to the contract: it would never be let go of."""
        return cast(T, item)

    # ---- taking. Under _changed.

    def _take(self) -> bool:
        """Takes what is there; False when that was nothing."""
        if self._over or not self._handle:
            return False
        batch = self._batch
        status = lib.mlapy_take(self._handle, batch)
        count = batch.count
        if count:
            arena = bytes(ffi.buffer(batch.arena, batch.used)) if batch.used else b""
            records = ITEM.iter_unpack(ffi.buffer(batch.items, count * ITEM.size))
            for record in records:
                self._receive(cast(Record, record), arena)
        if status == lib.MLA_E_ENDED:
            self._over = True
            self._ended()
        elif status not in (lib.MLA_OK, lib.MLA_E_TIMED_OUT):
            check(status)
        return bool(count) or self._over

    def _wait(self, seconds: float | None) -> None:
        """Until there may be something; one thread polls for all. Signals are handled meanwhile."""
        if self._polling:
            self._changed.wait(seconds)
            return
        self._polling = True
        self._changed.release()
        try:
            self._poller.poll(None if seconds is None else max(0, int(seconds * 1000) + 1))
        finally:
            self._changed.acquire()
            self._polling = False
            self._changed.notify_all()
            if not self._handle:
                self._free()
        self._take()

    def _next(self, queue: deque[Any], over: Any, seconds: float | None = None) -> Any:
        """The next of a queue that _receive() fills; None when over() or the time is up."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while True:
                if queue:
                    return queue.popleft()
                if over():
                    return None
                if self._take():
                    continue
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._wait(left)

    async def _anext(self, queue: deque[Any], over: Any, seconds: float | None = None) -> Any:
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            if queue:
                self._served += 1
                if self._served % _AT_A_TIME == 0:
                    await asyncio.sleep(0)  # others have their turn though there is always something
                return queue.popleft()
            if over():
                return None
            with self._changed:
                if self._take():
                    self._readable.wake()  # what others wait for may be among it
                    continue
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            await self._readable.wait(left)

    # ---- for users

    def __iter__(self) -> Contract[T]:
        return self

    def __next__(self) -> T:
        item = self._next(self._items, lambda: self._over)
        if item is None:
            raise StopIteration
        return self._hand_out(item)

    def next(self, timeout: float) -> T | None:
        """None: the time is up, or it has ended (end_reason)."""
        item = self._next(self._items, lambda: self._over, timeout)
        return None if item is None else self._hand_out(item)

    def __aiter__(self) -> Contract[T]:
        return self

    async def __anext__(self) -> T:
        queue = self._items
        self._served += 1
        if queue and self._served % _AT_A_TIME:
            return self._hand_out(queue.popleft())
        item = await self._anext(queue, lambda: self._over)
        if item is None:
            raise StopAsyncIteration
        return self._hand_out(item)

    def _open(self) -> Any:
        if not self._handle:
            raise error(lib.MLA_E_CLOSED)
        return self._handle

    @property
    def end_reason(self) -> str:
        """"none" while it lasts, else why it ended."""
        if not self._handle:
            return "contract_dropped"
        reason = ffi.new("uint32_t*")
        check(lib.mla_contract_end_reason(self._handle, reason))
        return REASONS[reason[0]]

    def close(self) -> None:
        """Ends it, and all it gave out. From any thread; who waits is told."""
        if not self._handle:
            return
        lib.mla_contract_cancel(self._handle)  # wakes a thread that polls
        loop = self._readable.loop
        if self._readable.waiters and loop and not loop.is_closed():
            try:
                here = asyncio.get_running_loop() is loop
            except RuntimeError:
                here = False
            if not here:
                loop.call_soon_threadsafe(self._finish)
                return
        self._finish()

    def _finish(self) -> None:
        with self._changed:
            if not self._handle:
                return
            self._readable.close()
            if not self._over:
                self._over = True
                self._ended()
            if not self._polling:
                self._free()
            else:
                self._freed_by_poller, self._handle = self._handle, None
            self._changed.notify_all()

    _freed_by_poller: Any = None

    def _free(self) -> None:
        for handle in (self._handle, self._freed_by_poller):
            if handle:
                lib.mla_contract_free(handle)
        self._handle = self._freed_by_poller = None
        if self._batch:
            lib.mlapy_batch_free(self._batch)
            self._batch = None

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self: C) -> C:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._handle:
            self._free()


C = TypeVar("C", bound=Contract[Any])
