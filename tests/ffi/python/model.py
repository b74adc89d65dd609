"""tests/sim/model.h again, for the real library: what users may rely on, said without a network. Chooses nobody itself."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Contract:
    observes: bool
    by_tag: bool
    exchange: int
    priority: int = 0
    capacity: int = 1


@dataclass
class Expected:
    live: bool = False  # somebody observes it, or exposes what somebody observes by tag
    must_write: bool = False  # somebody is elected; else nobody need be
    may_write: set[int] = field(default_factory=set)  # and who it may be
    writers: list[int] = field(default_factory=list)  # who is; one at most
    data: int | None = None  # the writer's last word: every observer holds it, synchronized
    observers: list[int] = field(default_factory=list)


class Model:
    """One object, and a tag that it has."""

    def __init__(self) -> None:
        self.contracts: dict[int, Contract] = {}
        self.writers: dict[int, list[int | None]] = {}  # by sink: the contract, what was accepted last

    def drop(self, contract: int) -> None:
        del self.contracts[contract]
        self.writers = {sink: writer for sink, writer in self.writers.items() if writer[0] != contract}

    def expect(self, tree: set[int]) -> Expected:
        e = Expected()
        here = {number: c for number, c in self.contracts.items() if c.exchange in tree}
        e.observers = [number for number, c in here.items() if c.observes]
        observed = any(c.observes and not c.by_tag for c in here.values())
        exposed = any(not c.observes and not c.by_tag for c in here.values())
        e.live = observed or (exposed and bool(e.observers))
        for contract, last in self.writers.values():
            if contract in here:
                e.writers.append(contract)
                e.data = last
        if not e.live:
            return e
        offering = {number: c for number, c in here.items() if not c.observes and c.capacity}
        others = {number for number, c in here.items() if not c.observes and not c.capacity}
        best = max((c.priority for c in offering.values()), default=0)
        e.must_write = bool(offering)
        e.may_write = {number for number, c in offering.items() if c.priority >= best} if offering else others
        return e

    def standing(self, e: Expected, observer: int, holds: bool) -> str | None:
        if e.writers:
            return "synchronized"
        if holds:
            return "stale"
        return None if self.contracts[observer].by_tag else "unexposed"
