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

TAG = "bench"


class Count:
    """States of all objects are seen first; then they are counted for a while."""

    def __init__(self, exposer: ctypes.CDLL, objects: int, seconds: float) -> None:
        self.exposer, self.objects, self.seconds = exposer, objects, seconds
        self.seen: set[mla.Object] = set()
        self.start = self.before = self.took = 0.0

    def all_seen(self, thing: mla.Object) -> bool:
        self.seen.add(thing)
        if len(self.seen) < self.objects:
            return False
        self.before, self.start = self.exposer.exposer_sent(), time.perf_counter()
        return True

    def over(self) -> bool:
        self.took = time.perf_counter() - self.start
        return self.took > self.seconds

    def report(self, what: str, count: int, state: mla.State) -> None:
        sent = self.exposer.exposer_sent() - self.before
        assert state.json()["n"] > self.before
        print(f"{what}: {count / self.took:.0f} states a second, of {len(self.seen)} objects, while {sent / self.took:.0f} were sent", flush=True)


def measure(x: mla.Exchange, it: Count) -> None:
    with x.states(tag=TAG) as states:
        for thing, state in states:
            if it.all_seen(thing):
                break
        count = 0
        for thing, state in states:
            count += 1
            if not count & 1023 and it.over():
                break
        it.report("for", count, state)


async def measure_async(x: mla.Exchange, it: Count) -> None:
    async with x.states(tag=TAG) as states:
        async for thing, state in states:
            if it.all_seen(thing):
                break
        count = 0
        async for thing, state in states:
            count += 1
            if not count & 1023 and it.over():
                break
        it.report("async for", count, state)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--exposer", type=Path, required=True)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    exposer = ctypes.CDLL(str(options.exposer.resolve()))
    exposer.exposer_sent.restype = ctypes.c_ulonglong
    with mla.connect() as x:
        interest = x.states(tag=TAG, min_interval=3600)  # keeps them exposed; nobody reads it
        assert exposer.exposer_start(ctypes.c_uint64(x._handle.id), b'"bench"', options.objects) == 0
        try:
            measure(x, Count(exposer, options.objects, options.seconds))
            asyncio.run(measure_async(x, Count(exposer, options.objects, options.seconds)))
        finally:
            assert exposer.exposer_stop() == 0
        interest.close()


if __name__ == "__main__":
    main()
