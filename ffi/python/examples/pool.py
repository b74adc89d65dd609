#!/usr/bin/python3
"""A pool of workers. Who wants to know something observes the object that is named by the question; a worker is elected to answer it.

    pool.py worker [--url URL] [--capacity N]       as many as you like, wherever
    pool.py ask [--url URL] [--patience S] N…       how many primes are below N?

A question is the object `(["primes"], {"below": N})`. Who asks the same shares the answer; nothing is computed that nobody waits for.
What is known so far are the states, so that another worker goes on from there when one dies.
"""
import argparse
import asyncio
import math
import sys
import time
from typing import Any

import mla

TAG = "primes"
STEP = 100_000
MOST = 10**9


def say(*words: Any) -> None:
    print(*words, flush=True)


def primes_in(low: int, high: int, by: bytearray) -> int:
    """How many there are in [low, high), sieved with the primes up to the root, which `by` marks."""
    sieve = bytearray([1]) * (high - low)
    for n in range(2, math.isqrt(high) + 1):
        if by[n]:
            first = max(n * n, -(-low // n) * n)
            sieve[first - low::n] = bytes(len(range(first - low, high - low, n)))
    return sum(sieve) - (sum(sieve[:max(0, 2 - low)]) if low < 2 else 0)


def small_primes(up_to: int) -> bytearray:
    marks = bytearray([1]) * (up_to + 1)
    for n in range(2, math.isqrt(up_to) + 1):
        if marks[n]:
            marks[n * n::n] = bytes(len(range(n * n, up_to + 1, n)))
    return marks


async def answer(sink: mla.Sink) -> None:
    question = sink.object.json
    below = question.get("below") if isinstance(question, dict) else None
    if not isinstance(below, int) or not 0 <= below <= MOST:
        say("declined", question)
        sink.decline(f'a question is {{"below": N}}, N up to {MOST}', retry_after=60)
        return
    known = sink.current
    at, count = (known.json()["at"], known.json()["count"]) if known else (0, 0)
    say("taken", below, "from", at)
    by = small_primes(math.isqrt(below) + 1)
    if at == below:  # nothing to compute, or the one before was through and went: who is elected now says so
        sink.send({"at": at, "count": count, "done": True})
    while at < below and sink.end_reason == "none":  # it ends when nobody waits any more
        high = min(below, at + STEP)
        count += await asyncio.to_thread(primes_in, at, high, by)
        at = high
        sink.send({"at": at, "count": count, "done": at == below})
        say("at", below, at)
    say("left", below, "at", at, await sink.ended())


async def work(url: str, capacity: int) -> None:
    async with mla.connect(url, name="worker") as x:
        tasks: set[asyncio.Task[None]] = set()
        others = x.states(tag=TAG)  # of whom this one may have to take over: it is known here how far they are
        async for sink in x.expose(tag=TAG, capacity=capacity, current=True):
            task = asyncio.create_task(answer(sink))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        others.close()


async def wait_for_answer(states: mla.States) -> int:
    async for _, state in states:
        if state.synchronized and state.json()["done"]:
            return int(state.json()["count"])
    raise ConnectionError("the exchange was closed")


async def ask_one(x: mla.Exchange, question: Any, patience: float) -> bool:
    with x.states(object=([TAG], question)) as states:
        deadline = time.monotonic() + patience
        while True:
            try:
                say(question, "is", await asyncio.wait_for(wait_for_answer(states), 1.0))
                return True
            except TimeoutError:
                standing = states.standing()
                if standing.kind == "declined" or time.monotonic() > deadline:
                    say(question, standing.kind, standing.reason)
                    return False


async def ask(url: str, below: list[str], patience: float) -> bool:
    async with mla.connect(url, name="asks") as x:
        questions = [{"below": int(n)} if n.isdecimal() else n for n in below]
        return all(await asyncio.gather(*(ask_one(x, question, patience) for question in questions)))


def main() -> int:
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    worker, asking = verbs.add_parser("worker"), verbs.add_parser("ask")
    for verb in (worker, asking):
        verb.add_argument("--url", default="ws://127.0.0.1:3001")
    worker.add_argument("--capacity", type=int, default=4)
    asking.add_argument("--patience", type=float, default=60.0)
    asking.add_argument("below", nargs="+")
    options = parser.parse_args()
    try:
        if options.verb == "worker":
            asyncio.run(work(options.url, options.capacity))
            return 0
        return 0 if asyncio.run(ask(options.url, options.below, options.patience)) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
