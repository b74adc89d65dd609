#!/usr/bin/python3
"""The Python package over a real router. usage: api_test.py --bin DIR [TEST…]"""
import argparse
import asyncio
import gc
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

import mla

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration/tree"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration/guests"))
from processes import Router, World  # noqa: E402
from raw import Host  # noqa: E402

PATIENCE_S = 30.0
url = ""


def contracts_of(x: mla.Exchange) -> int:
    """How many contracts the exchange has, as its router-less self-description would say: asked of the library."""
    return sum(isinstance(it, mla._contract.Contract) and it._handle is not None for it in gc.get_objects())


def eventually(what: str, condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def send_all(sinks: mla.Sinks, values: list[Any], read: threading.Semaphore) -> threading.Thread:
    """A thread that sends the values to the first sink, each when `read` was released once more and all observers hold it."""
    def run() -> None:
        sink = next(sinks)
        for value in values:
            result = sink.send(value)
            assert result, result
            assert sink.confirm(result.version, PATIENCE_S) == 1
            assert read.acquire(timeout=PATIENCE_S)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


class Api(unittest.TestCase):
    def setUp(self) -> None:
        self.a, self.b = mla.connect(url, name="a"), mla.connect(url, name="b")
        self.a.wait_linked(PATIENCE_S)
        self.b.wait_linked(PATIENCE_S)

    def tearDown(self) -> None:
        self.a.close()
        self.b.close()

    def test_states_come_merged_and_end_with_the_block(self) -> None:
        with self.a.expose(object=(["t"], {"k": 1}), confirm=True) as sinks, self.b.states(tag="t") as states, \
                self.b.states(object=(["t"], {"k": 1.0})) as one:
            read = threading.Semaphore(0)
            thread = send_all(sinks, [1, [2], {"three": 3}, None, "five"], read)
            seen = []
            for thing, state in one:
                self.assertEqual((thing.tags, thing.json), (("t",), {"k": 1}))
                self.assertEqual(thing, mla.Object(["t"], {"k": 1}))
                self.assertEqual((state.format, len(state.version), state.age), (("JSON",), 2, 0.0))
                self.assertTrue(state.synchronized and state.skipped_exact and state.epoch.counter > 0)
                seen.append(state.json())
                read.release()
                if seen[-1] == "five":
                    break
            self.assertEqual(seen, [1, [2], {"three": 3}, None, "five"])
            thread.join()
            while next(states)[1].json() != "five":
                pass
        self.assertEqual(states.end_reason, "contract_dropped")
        self.assertEqual(list(states), [])

    def test_streams_are_nested_and_conflate(self) -> None:
        with self.a.expose(tag="n") as sinks, self.b.observe(tag="n") as streams:
            named = [self.b.observe(object=(["n"], i)) for i in range(5)]
            held = {sink.object.json: sink for _, sink in zip(range(5), sinks)}
            for i, sink in held.items():
                self.assertTrue(sink.send({"i": i}))
            got = {stream.object.json: stream for _, stream in zip(range(5), streams)}
            self.assertEqual({i: stream.next(PATIENCE_S).json()["i"] for i, stream in got.items()}, {i: i for i in range(5)})
            for number in range(100):
                held[3].send(number)
                if number % 20 == 0:
                    self.assertIsNone(got[0].next(0.01))  # and takes what is there for the others
            last, skipped, states = None, 0, 0
            while last != 99:
                state = got[3].next(PATIENCE_S)
                last, skipped, states = state.json(), skipped + state.skipped, states + 1
            self.assertEqual(skipped + states, 100)
            self.assertIsNone(got[0].next(0.0))
            named[2].close()
            held.clear()
            sinks.close()  # not live any more: nobody observes 2 by name, nobody exposes it
            eventually("the stream of 2 ends", lambda: got[2].next(0.01) is None and got[2].end_reason == "gone")
            self.assertEqual(list(got[2]), [])

    def test_ends_are_told_when_asked_for(self) -> None:
        with self.b.states(tag="e", ends=True) as states, self.a.expose(object=(["e"], 1)) as sinks:
            next(sinks).send(1)
            thing, state = next(states)
            self.assertEqual(state.json(), 1)
            sinks.close()
            while True:
                again, state = next(states)
                if state is None:
                    break
                self.assertFalse(state.synchronized)
            self.assertEqual(again, thing)

    def test_bytes_and_versions_of_ones_own(self) -> None:
        with self.a.expose(object=([], "v"), current=True) as sinks, self.b.states(object=([], "v")) as states:
            sink = next(sinks)
            result = sink.send(b"\x00\xff", format=("CBOR", "ZSTD"), version=(7, 1))
            self.assertEqual(result, ("accepted", (7, 1)))
            _, state = next(states)
            self.assertEqual((state.data, state.format, state.version), (b"\x00\xff", ("CBOR", "ZSTD"), (7, 1)))
            with self.assertRaises(mla.UsageError) as caught:
                state.json()
            self.assertEqual(caught.exception.name, "wrong_format")
            self.assertEqual(sink.send(b"", version=(7,)), ("stale", (7, 1)))
            self.assertEqual(sink.current.data, b"\x00\xff")
            with self.assertRaises(mla.UsageError) as caught:
                sink.send(b"", format=("lower",))
            self.assertEqual((caught.exception.code, caught.exception.name), (110, "bad_format"))
            with self.assertRaises(mla.LimitError):
                sink.send(b"x" * (2 << 20))
            states.close()
            self.assertEqual(sink.wait_ended(PATIENCE_S), "unobserved")
            self.assertEqual(sink.send(1), ("ended", ()))

    def test_json_is_what_every_language_can_read(self) -> None:
        with self.a.expose(object=([], "j")) as sinks, self.b.states(object=([], "j")) as states:
            sink = next(sinks)
            for wrong, name in ((float("nan"), "json_number"), ([float("inf")], "json_number"), ("\ud800", "json_encoding")):
                with self.assertRaises(mla.UsageError) as caught:
                    sink.send(wrong)
                self.assertEqual(caught.exception.name, name)
            self.assertTrue(sink.send('{"rows":[]}', format=("TABLE", "JSON")))
            _, state = next(states)
            self.assertEqual((state.format, state.json()), (("TABLE", "JSON"), {"rows": []}))

    def test_a_token_is_shown_to_the_parent(self) -> None:
        with tempfile.NamedTemporaryFile("w") as file, Host(PATIENCE_S) as host:
            file.write(" s3cret-token\n")
            file.flush()
            with mla.connect(host.url, token_file=file.name):
                self.assertTrue(host.first_message().endswith(b"\x4cs3cret-token"))
            with mla.connect(host.url):
                self.assertTrue(host.first_message().endswith(b"\x40"))
        with self.assertRaises(FileNotFoundError):
            mla.connect(host.url, token_file=file.name)

    def test_get_and_its_errors(self) -> None:
        with self.assertRaises(mla.AbsentError) as caught:
            self.b.get(["g"], "nobody", timeout=0.2)
        self.assertEqual(caught.exception.name, "unexposed")
        with self.a.expose(tag="g") as sinks:
            def serve() -> None:
                for sink in sinks:
                    if sink.object.json == "bad":
                        sink.decline("not a good one", retry_after=60)
                    else:
                        sink.send({"for": sink.object.json})
            thread = threading.Thread(target=serve)
            thread.start()
            self.assertEqual(self.b.get(["g"], "good", timeout=PATIENCE_S).json(), {"for": "good"})
            with self.assertRaises(mla.AbsentError) as caught:
                self.b.get(["g"], "bad", timeout=1.0)
            self.assertIn("not a good one", str(caught.exception))
            self.assertEqual(asyncio.run(self.b.aget(["g"], "other", timeout=PATIENCE_S)).json(), {"for": "other"})
            sinks.close()
            thread.join(PATIENCE_S)
            self.assertFalse(thread.is_alive())

    def test_the_tree_describes_itself_by_ordinary_objects(self) -> None:
        with self.b.states(tag={"$mla": "node"}) as nodes:
            thing, state = next(nodes)
            self.assertEqual(thing.json["$mla"], "node")
            self.assertIn("links", state.json())

    def test_misuse(self) -> None:
        for call, name in ((lambda: mla.connect("http://x"), "bad_url"), (lambda: mla.Object(["x"] * 1, 2**54), "json_number"),
                           (lambda: mla.Object([], float("nan")), "json_syntax"), (lambda: mla.Object([], "\ud800"), "json_encoding"),
                           (lambda: mla.Object([], {1: 0, "1": 0}), "json_duplicate_key"),
                           (lambda: self.a.expose(tag="x", capacity=2_000_000), "bad_option")):
            with self.assertRaises(mla.UsageError) as caught:
                call()
            self.assertEqual(caught.exception.name, name)
        for wrong in ({}, {"tag": 1, "object": ([], 1)}, {"object": ("text", 1)}):
            with self.assertRaises(TypeError):
                self.a.states(**wrong)
        x = mla.connect(url)
        states = x.states(tag="x")
        x.close()
        self.assertEqual(list(states), [])
        self.assertEqual(states.end_reason, "exchange_closed")
        with self.assertRaises(mla.Error):
            x.states(tag="x")

    def test_a_contract_that_is_let_go_of_ends_at_once(self) -> None:
        with self.a.expose(object=([], "gc")) as sinks:
            gc.disable()
            try:
                for kind in ("states", "observe"):
                    states = getattr(self.b, kind)(object=([], "gc"))
                    sink = next(sinks)
                    sink.send(1)
                    item = next(states)
                    del states, item
                    self.assertEqual(sink.wait_ended(PATIENCE_S), "unobserved")
                held = self.b.states(object=([], "gc"))
                sink = next(sinks)
                untaken = self.a.expose(object=([], "gc2"))
                watching = self.b.states(object=([], "gc2"))
                eventually("it is elected", lambda: untaken._take() or untaken._items)
                del untaken
                eventually("and gone", lambda: watching._next(watching._items, lambda: False, 0.01) or
                           watching.standing().kind == "unexposed")
                del held
            finally:
                gc.enable()

    def test_cancelling_a_task_mid_wait_leaves_no_contract_behind(self) -> None:
        async def main() -> None:
            async with mla.connect(url) as x:
                await x.linked(PATIENCE_S)
                with self.a.expose(object=([], "cancel")) as sinks:
                    async def watch() -> None:
                        async for _ in x.states(object=([], "cancel")):
                            pass

                    async def watch_streams() -> None:
                        async for stream in x.observe(object=([], "cancel")):
                            async for _ in stream:
                                pass

                    for how in (watch, watch_streams):
                        before = contracts_of(x)
                        task = asyncio.create_task(how())
                        sink = await sinks.__anext__()
                        sink.send(1)
                        await asyncio.sleep(0)
                        task.cancel()
                        with self.assertRaises(asyncio.CancelledError):
                            await task
                        self.assertEqual(await asyncio.wait_for(sink.ended(), PATIENCE_S), "unobserved")
                        self.assertEqual(contracts_of(x), before)
                        del sink, task

        asyncio.run(main())

    def test_many_tasks_wait_on_one_contract(self) -> None:
        async def main() -> None:
            async with mla.connect(url) as x, mla.connect(url) as y:
                with x.expose(tag="many", confirm=True) as sinks, y.observe(tag="many") as streams:
                    named = [y.states(object=(["many"], i)) for i in range(20)]

                    async def expose(sink: mla.Sink) -> str:
                        for number in range(20):
                            sink.send(number)
                            await asyncio.sleep(0)
                        return await sink.ended()

                    async def follow(stream: mla.Stream) -> int:
                        async for state in stream:
                            if state.json() == 19:
                                return int(stream.object.json)
                        return -1

                    exposing, following = [], []
                    async for sink in sinks:
                        exposing.append(asyncio.create_task(expose(sink)))
                        if len(exposing) == 20:
                            break
                    async for stream in streams:
                        following.append(asyncio.create_task(follow(stream)))
                        if len(following) == 20:
                            break
                    found = await asyncio.wait_for(asyncio.gather(*following), PATIENCE_S)
                    self.assertEqual(sorted(found), list(range(20)))
                    for contract in named:
                        contract.close()
                    streams.close()
                    ends = await asyncio.wait_for(asyncio.gather(*exposing), PATIENCE_S)
                    self.assertEqual(set(ends), {"unobserved"})

        asyncio.run(main())

    def test_a_waiting_thread_is_told_when_another_closes(self) -> None:
        for make in (lambda: self.b.states(tag="close"), lambda: self.b.observe(tag="close"), lambda: self.a.expose(tag="close")):
            contract = make()
            got: list[Any] = []
            threads = [threading.Thread(target=lambda: got.append(list(contract))) for _ in range(3)]
            for thread in threads:
                thread.start()
            contract.close()
            for thread in threads:
                thread.join(PATIENCE_S)
            self.assertEqual(got, [[], [], []])

    def test_a_signal_is_handled_while_the_main_thread_waits(self) -> None:
        class Alarm(Exception):
            pass

        def raise_it(*_: object) -> None:
            raise Alarm

        signal.signal(signal.SIGALRM, raise_it)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with self.b.states(tag="nobody") as states, self.assertRaises(Alarm):
            next(states)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def main() -> None:
    global url
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    options, rest = parser.parse_known_args()
    with World(options.bin.resolve()) as world:
        url = Router(world, "router", "ws://127.0.0.1:0", None, 1).url
        program = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    sys.exit(not program.result.wasSuccessful())


if __name__ == "__main__":
    main()
