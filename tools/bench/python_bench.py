#!/usr/bin/python3
"""How many (object, State) a second Python is given, while a native thread of the process sends without end.

usage: python_bench.py --exposer LIBNATIVE_EXPOSER.SO [--objects N] [--seconds S]      PYTHONPATH as for any use of the package
"""
import argparse
import asyncio
import ctypes
import time
from pathlib import Path

import mla


class Measure:
    def __init__(self, exposer: Path, objects: int, seconds: float) -> None:
        self.exposer = ctypes.CDLL(str(exposer))
        self.exposer.exposer_sent.restype = ctypes.c_ulonglong
        self.objects, self.seconds = objects, seconds
        self.x = mla.connect()
        self.named = [self.x.states(object=(["bench"], i)) for i in range(objects)]  # who wants them; nobody reads these
        assert self.exposer.exposer_start(ctypes.c_uint64(self.x._handle.id), b'"bench"', objects) == 0

    def report(self, what: str, count: int, seconds: float, objects: int, sent: int) -> None:
        assert objects == self.objects, f"states of {objects} objects only"
        print(f"{what}: {count / seconds:.0f} states a second, of {objects} objects, while {sent / seconds:.0f} were sent", flush=True)

    def sync(self) -> None:
        states = self.x.states(tag="bench")
        seen: set[mla.Object] = set()
        for thing, _ in states:
            seen.add(thing)
            if len(seen) == self.objects:
                break
        before, count, start = self.exposer.exposer_sent(), 0, time.perf_counter()
        for thing, state in states:
            count += 1
            if not count & 1023 and time.perf_counter() - start > self.seconds:
                break
        self.report("for", count, time.perf_counter() - start, len(seen), self.exposer.exposer_sent() - before)
        assert state.json()["n"] > 0 and thing in seen
        states.close()

    async def asynchronous(self) -> None:
        states = self.x.states(tag="bench")
        seen: set[mla.Object] = set()
        async for thing, _ in states:
            seen.add(thing)
            if len(seen) == self.objects:
                break
        before, count, start = self.exposer.exposer_sent(), 0, time.perf_counter()
        async for thing, state in states:
            count += 1
            if not count & 1023 and time.perf_counter() - start > self.seconds:
                break
        self.report("async for", count, time.perf_counter() - start, len(seen), self.exposer.exposer_sent() - before)
        assert state.json()["n"] > 0 and thing in seen
        states.close()

    def close(self) -> None:
        assert self.exposer.exposer_stop() == 0
        self.x.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--exposer", type=Path, required=True)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    measure = Measure(options.exposer.resolve(), options.objects, options.seconds)
    try:
        measure.sync()
        asyncio.run(measure.asynchronous())
    finally:
        measure.close()


if __name__ == "__main__":
    main()
