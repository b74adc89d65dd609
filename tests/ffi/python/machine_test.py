#!/usr/bin/python3
"""The Python package over a real router, judged by the model of the simulation: Hypothesis decides who opens, drops, sends, is cut
off and comes back; at every rest all must be as the model says, and at any time versions only rise.

usage: machine_test.py --bin DIR [--examples N] [--seed N]
"""
import argparse
import random
import select
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import mla
from _mla_native import lib
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import model

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration/tree"))
from processes import World  # noqa: E402

PATIENCE_S = 30.0
EXCHANGES = 3
counts: Counter[str] = Counter()
url = ""
binaries = Path()
exchanges: dict[int, mla.Exchange] = {}  # each a process's, linked to the router between examples

# What 2 000 examples must have met at least, so that a quiet run is not mistaken for a good one.
LEAST = {"examples": 2000, "elected": 2500, "withdrawn": 900, "states told": 8000, "accepted": 8000, "cut off": 1500, "joined": 1400,
         "replaced": 500, "dropped": 2000, "rests": 7000, "observers compared": 12000, "synchronized": 10000, "stale": 1200,
         "unexposed": 250, "handed over": 600, "ended": 300, "one of several": 2000, "two trees write": 80}


class Observer:
    def __init__(self, states: mla.StatesAndEnds, name: str, log: list[str]) -> None:
        self.states, self.name, self.log = states, name, log
        self.held: mla.State | None = None

    def pump(self, thing: mla.Object, sent: set[int]) -> None:
        while (item := self.states.next(0.0)) is not None:
            at, state = item
            assert at == thing, at
            if state is None:
                self.log.append(f"  {self.name} is told of the end")
                counts["ended"] += 1
                self.held = None
                continue
            counts["states told"] += 1
            self.log.append(f"  {self.name} is told {state}, {state.epoch.counter} of {state.epoch.minter:x}")
            assert state.json() in sent, f"{state} was never sent"
            if self.held is not None:
                assert (state.epoch, state.version) >= (self.held.epoch, self.held.version), f"P2: {state} after {self.held}"
                assert state.version >= self.held.version, f"P2: {state} after {self.held}"
            self.held = state


class Machine(RuleBasedStateMachine):
    numbers = 0

    def __init__(self) -> None:
        super().__init__()
        Machine.numbers += 1
        self.thing = mla.Object([f"tag {Machine.numbers}"], Machine.numbers)
        self.model = model.Model()
        self.observers: dict[int, Observer] = {}
        self.exposers: dict[int, mla.Sinks] = {}
        self.sinks: dict[int, mla.Sink] = {}
        self.sent: set[int] = set()
        self.cut: set[int] = set()
        self.next_id = 0
        self.log: list[str] = []
        counts["examples"] += 1

    # ---- what users do

    @initialize(where=st.lists(st.tuples(st.integers(0, EXCHANGES - 1), st.booleans(), st.booleans()), min_size=2, max_size=5))
    def begin(self, where: list[tuple[int, bool, bool]]) -> None:
        self.observe(where[0][0], False)
        self.expose(where[1][0], where[1][1], 0, 1)
        for at, by_tag, observes in where[2:]:
            self.observe(at, by_tag) if observes else self.expose(at, by_tag, at, 1)
        self.rest()

    @precondition(lambda self: len(self.model.contracts) < 8)
    @rule(at=st.integers(0, EXCHANGES - 1), by_tag=st.booleans())
    def observe(self, at: int, by_tag: bool) -> None:
        self.log.append(f"{self.next_id}: observe at {at}, by tag: {by_tag}")
        self.observers[self.next_id] = Observer(exchanges[at].states(ends=True, **self.named(by_tag)), f"{self.next_id}", self.log)
        self.opened(model.Contract(True, by_tag, at))

    @precondition(lambda self: len(self.model.contracts) < 8)
    @rule(at=st.integers(0, EXCHANGES - 1), by_tag=st.booleans(), priority=st.integers(0, 2), capacity=st.sampled_from([1, 1, 4, 0]))
    def expose(self, at: int, by_tag: bool, priority: int, capacity: int) -> None:
        self.log.append(f"{self.next_id}: expose at {at}, by tag: {by_tag}, priority {priority}, capacity {capacity}")
        self.exposers[self.next_id] = exchanges[at].expose(priority=priority, capacity=capacity, **self.named(by_tag))
        self.opened(model.Contract(False, by_tag, at, priority, capacity))

    @precondition(lambda self: self.model.contracts)
    @rule(data=st.data())
    def drop(self, data: Any) -> None:
        which = data.draw(st.sampled_from(sorted(self.model.contracts)))
        self.log.append(f"drop {which}")
        counts["dropped"] += 1
        self.dropped(which)

    @precondition(lambda self: self.exposers)
    @rule(data=st.data(), capacity=st.sampled_from([0, 1, 4]))
    def set_capacity(self, data: Any, capacity: int) -> None:
        which = data.draw(st.sampled_from(sorted(self.exposers)))
        self.log.append(f"capacity of {which} is {capacity}")
        self.exposers[which].set_capacity(capacity)
        self.model.contracts[which].capacity = capacity

    @rule(times=st.integers(1, 5))
    def send(self, times: int) -> None:
        """Whoever is elected sends."""
        self.log.append("send")
        self.pump()
        for _ in range(times):
            for number in list(self.sinks):
                self.publish(number)

    @precondition(lambda self: len(self.model.contracts) > 2)
    @rule(at=st.integers(0, EXCHANGES - 1))
    def cut_or_join(self, at: int) -> None:
        if at in self.cut:
            self.join(at)
            return
        self.log.append(f"cut {at}")
        counts["cut off"] += 1
        lib.mla_connector_free(exchanges[at]._connector)
        exchanges[at]._connector = None
        self.cut.add(at)

    @precondition(lambda self: len(self.model.contracts) > 4)
    @rule(at=st.integers(0, EXCHANGES - 1))
    def replace(self, at: int) -> None:
        """The process ends, and another starts."""
        self.log.append(f"replace {at}")
        counts["replaced"] += 1
        exchanges[at].close()
        self.cut.discard(at)
        for which in [number for number, c in self.model.contracts.items() if c.exchange == at]:
            contract = self.observers[which].states if which in self.observers else self.exposers[which]
            for _ in contract:
                pass
            assert contract.end_reason == "exchange_closed"
            self.dropped(which)
        exchanges[at] = mla.connect(url, name=f"e{at}")
        exchanges[at].wait_linked(PATIENCE_S)

    @rule()
    def rest(self) -> None:
        """All is as the model says, before long."""
        self.log.append("rest")
        deadline = time.monotonic() + PATIENCE_S
        poller = select.poll()
        for contract in [*(o.states for o in self.observers.values()), *self.exposers.values()]:
            poller.register(contract._readable.fd, select.POLLIN)
        while wrong := self.wrong():
            if time.monotonic() > deadline:
                print("\n".join(["not within 30 s:", *wrong, *self.log]))  # here: what fails once, Hypothesis tells as flaky, without it
                why = ["--url", url, "--json", "why", str(self.thing.json), "--tag", self.thing.tags[0]]
                print(subprocess.run([binaries / "mla", *why], capture_output=True, text=True, timeout=60))
                raise AssertionError("\n".join(wrong))
            poller.poll(5)
        counts["rests"] += 1
        self.count()

    def teardown(self) -> None:
        try:
            self.rest()
            for at in list(self.cut):
                self.join(at)
            self.rest()
        except BaseException:
            print("\n".join(self.log))
            raise
        finally:
            for at in list(self.cut):
                self.join(at)
            for which in list(self.model.contracts):
                self.dropped(which)

    # ---- how

    def named(self, by_tag: bool) -> dict[str, Any]:
        return {"tag": self.thing.tags[0]} if by_tag else {"object": (self.thing.tags, self.thing.json)}

    def opened(self, contract: model.Contract) -> None:
        self.model.contracts[self.next_id] = contract
        self.next_id += 1

    def dropped(self, which: int) -> None:
        (self.observers.pop(which).states if which in self.observers else self.exposers.pop(which)).close()
        self.sinks = {number: sink for number, sink in self.sinks.items() if self.model.writers[number][0] != which}
        self.model.drop(which)

    def join(self, at: int) -> None:
        self.log.append(f"join {at}")
        counts["joined"] += 1
        exchanges[at]._dial(url, None)
        exchanges[at].wait_linked(PATIENCE_S)
        self.cut.discard(at)

    def publish(self, number: int) -> None:
        value = len(self.sent)
        self.sent.add(value)
        result = self.sinks[number].send(value)
        self.log.append(f"  sink {number}: {value} is {result.outcome}, {result.version}, {self.sinks[number].epoch}")
        if result:
            counts["accepted"] += 1
            self.model.writers[number][1] = value
        else:
            counts[result.outcome] += 1

    def pump(self) -> None:
        for number, sink in list(self.sinks.items()):
            if sink.end_reason != "none":
                self.log.append(f"  sink {number} has ended: {sink.end_reason}")
                counts["withdrawn"] += 1
                counts["handed over"] += sink.end_reason == "handed_over"
                del self.sinks[number], self.model.writers[number]
        for which, sinks in self.exposers.items():
            while (sink := sinks.next(0.0)) is not None:
                counts["elected"] += 1
                self.log.append(f"  {which} is elected, sink {self.next_id}")
                number, self.next_id = self.next_id, self.next_id + 1
                assert sink.object == self.thing, sink.object
                self.sinks[number], self.model.writers[number] = sink, [which, None]
        for number in self.sinks:
            if self.model.writers[number][1] is None:
                self.publish(number)
        for observer in self.observers.values():
            observer.pump(self.thing, self.sent)

    def trees(self) -> list[set[int]]:
        return [set(range(EXCHANGES)) - self.cut, *({at} for at in self.cut)]

    def wrong(self) -> list[str]:
        self.pump()
        return [fault for tree in self.trees() for fault in self.faults(tree)]

    def faults(self, tree: set[int]) -> list[str]:
        e = self.model.expect(tree)
        found = []
        if len(e.writers) > 1:
            found.append(f"elected: {e.writers}")
        if e.must_write and not e.writers:
            found.append("elected: nobody")
        if e.writers and not set(e.writers) <= e.may_write:
            found.append(f"elected: {e.writers}, which may be {e.may_write}")
        if e.writers and e.data is None:
            found.append("nothing was accepted from who is elected")
        for which in e.observers:
            held = self.observers[which].held
            if e.writers:
                if held is None or held.json() != e.data or not held.synchronized:
                    found.append(f"P1: {which} holds {held}, the last word was {e.data}")
            elif held is not None and held.synchronized:
                found.append(f"P1: {which} is synchronized without an exposer")
            elif held is not None and not e.live and not tree & self.cut:
                found.append(f"P10: the stream of {which} has not ended")
            wanted, told = self.model.standing(e, which, held is not None), self.standing(which)
            if wanted and told != wanted:
                found.append(f"standing of {which}: {told}, not {wanted}")
        return [f"tree {tree}: {it}" for it in found]

    def standing(self, which: int) -> str:
        by_tag = self.model.contracts[which].by_tag
        return self.observers[which].states.standing(self.thing if by_tag else None).kind

    def count(self) -> None:
        writing = 0
        for tree in self.trees():
            e = self.model.expect(tree)
            writing += bool(e.writers)
            counts["one of several"] += bool(e.writers) and len(e.may_write) < sum(
                not c.observes and c.exchange in tree for c in self.model.contracts.values())
            for which in e.observers:
                counts["observers compared"] += 1
                counts[self.model.standing(e, which, self.observers[which].held is not None) or "told nothing"] += 1
        counts["two trees write"] += writing > 1


def main() -> None:
    global url, binaries
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    binaries = options.bin.resolve()
    # Not made smaller after a failure: threads and processes do not repeat to the event, and each try may take its whole patience.
    chosen = settings(max_examples=options.examples, stateful_step_count=20, deadline=None, database=None, phases=[Phase.generate],
                      suppress_health_check=list(HealthCheck))
    with World(options.bin.resolve()) as world:
        url = world.router("router").url
        for at in range(EXCHANGES):
            exchanges[at] = mla.connect(url, name=f"e{at}")
            exchanges[at].wait_linked(PATIENCE_S)
        run_state_machine_as_test(seed(options.seed)(Machine), settings=chosen)
        for exchange in exchanges.values():
            exchange.close()
    print("machine:", ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    short = {name: (counts[name], n) for name, n in LEAST.items() if counts[name] < n * options.examples // 2000}
    assert not short, f"met too rarely: {short}"


if __name__ == "__main__":
    main()
