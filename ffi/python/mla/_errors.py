"""One exception per group of errors; the numbers and names are those of every language."""
from __future__ import annotations

from _mla_native import ffi, lib


class Error(Exception):
    """Anything that went wrong. `code` is its number, `name` what it is called ("bad_url")."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.name: str = ffi.string(lib.mla_status_name(code)).decode()


class UsageError(Error, ValueError):
    """The caller must change what it asks."""


class LinkError(Error, ConnectionError):
    """Try again, or elsewhere."""


class DeniedError(Error, PermissionError):
    """A permission is missing."""


class TimedOut(Error, TimeoutError):
    """The time is up."""


class AbsentError(Error, LookupError):
    """There is no such object now, or nobody exposes it."""


class LimitError(Error):
    """Less, or a greater limit."""


class ProtocolError(Error):
    """The peer is at fault."""


class InternalError(Error):
    """A bug in MLA."""


_GROUPS: dict[str, type[Error]] = {
    "usage": UsageError, "connection": LinkError, "denied": DeniedError, "timeout": TimedOut, "absent": AbsentError,
    "limit": LimitError, "protocol": ProtocolError, "internal": InternalError,
}


def error(code: int, message: str | None = None) -> Error:
    group = ffi.string(lib.mla_status_group(code)).decode()
    return _GROUPS.get(group, Error)(code, message or ffi.string(lib.mla_status_text(code)).decode())


def check(status: int) -> None:
    """Raises what a call on this thread has just answered, unless it is MLA_OK."""
    if status:
        raise error(status, ffi.string(lib.mla_error_message()).decode(errors="replace"))
