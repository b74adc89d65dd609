"""Live objects shared between processes.

    with mla.connect("ws://127.0.0.1:3001") as x:
        for thing, state in x.states(tag="host"):
            print(thing.json, state.json())

Every iterator works with `for` and with `async for`.
"""
from ._errors import (AbsentError, DeniedError, Error, InternalError, LimitError, LinkError, ProtocolError, TimedOut, UsageError)
from ._exchange import Exchange, connect
from ._expose import SendResult, Sink, Sinks
from ._observe import States, StatesAndEnds, Stream, Streams
from ._values import Epoch, Object, Standing, State, canonical

__all__ = [
    "AbsentError", "DeniedError", "Epoch", "Error", "Exchange", "InternalError", "LimitError", "LinkError", "Object", "ProtocolError",
    "SendResult", "Sink", "Sinks", "Standing", "State", "States", "StatesAndEnds", "Stream", "Streams", "TimedOut", "UsageError",
    "canonical", "connect",
]
