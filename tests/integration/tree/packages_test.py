#!/usr/bin/python3
"""Sees each named package at work in mla-router: its symbols are called from the binary, not merely linked to it."""
import argparse
import re
import subprocess
import sys
from pathlib import Path

# Package -> a symbol of it (demangled) that the binary itself asks for or contains.
WANTED = {
    "libcbor": r" U cbor_stream_decode$",
    "simdjson": r" U simdjson::.*(parser|implementation|parse)|[tTwWVu] simdjson::.*parser::",
    "Abseil": r"absl::(\w+::)?container_internal::raw_hash_set<",
    "jemalloc": r" U mallctl$",
    "Boost.Beast": r" [tTwWVu] .*boost::beast::websocket::stream<",
    "Boost.Asio": r" [tTwWVu] .*boost::asio::",
}


def missing(symbols: str) -> list[str]:
    return [package for package, pattern in WANTED.items() if not re.search(pattern, symbols, re.MULTILINE)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    # `true` has none of them: the look-up itself can fail.
    assert len(missing(subprocess.run(["nm", "-DC", "/bin/true"], capture_output=True, text=True, check=True).stdout)) == len(WANTED)
    symbols = "".join(subprocess.run(["nm", flags, options.bin / "mla-router"], capture_output=True, text=True, check=True).stdout
                      for flags in ("-DC", "-C"))
    # Versioned names of shared libraries: `cbor_stream_decode@LIBCBOR`.
    absent = missing(re.sub(r"@\S*$", "", symbols, flags=re.MULTILINE))
    for package in WANTED:
        print(f"{package}: {'not seen' if package in absent else 'at work'}")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
