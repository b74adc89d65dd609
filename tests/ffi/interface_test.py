#!/usr/bin/python3
"""What libmla.so shows, against mla.h, the committed lists, and the one list of errors.

usage: interface_test.py --library libmla.so --handles c_handles --root ROOT
"""
import argparse
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

options = argparse.Namespace()
# Functions that no handle is passed to.
WITHOUT_HANDLE = {"mla_abi_version", "mla_version", "mla_error_message", "mla_status_name", "mla_status_text", "mla_status_group",
                  "mla_runtime_new", "mla_exchange_new", "mla_object_new", "mla_json_canonical", "mla_event_free"}
HEADER = "ffi/include/mla.h"


def output(*command: str | Path) -> str:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout


def header() -> str:
    return (options.root / HEADER).read_text()


def declared() -> list[str]:
    return re.findall(r"^MLA_API [^;(]*?\b(mla_\w+)\(", header(), re.MULTILINE)


class Interface(unittest.TestCase):
    def test_the_library_shows_the_functions_of_the_header_and_nothing_else(self) -> None:
        shown = [line.split()[-1] for line in output("nm", "-D", "--defined-only", options.library).splitlines()]
        shown = sorted(name.removesuffix("@@MLA_1") for name in shown if name != "MLA_1")
        self.assertEqual(shown, sorted(declared()))

    def test_the_functions_are_those_of_the_committed_list(self) -> None:
        listed = (options.root / "tests/ffi/symbols.txt").read_text().split()
        self.assertEqual(listed, sorted(declared()), "a function that is gone or new: tests/ffi/symbols.txt")

    def test_every_function_with_a_handle_is_misused_in_a_test(self) -> None:
        misused = set(output(options.handles, "--list").split())
        self.assertEqual(misused, set(declared()) - WITHOUT_HANDLE)

    def test_the_numbers_of_errors_are_those_of_the_one_list(self) -> None:
        rows = re.findall(r"^MLA_ERROR\((\w+), (\d+),", (options.root / "contracts/include/mla/errors.def").read_text(), re.MULTILINE)
        wanted = {("MLA_OK" if name == "ok" else f"MLA_E_{name.upper()}"): int(number) for name, number in rows}
        self.assertGreater(len(wanted), 50)
        found = {name: int(number) for name, number in re.findall(r"^  (MLA_OK|MLA_E_\w+) = (\d+)", header(), re.MULTILINE)}
        self.assertEqual(found, wanted)

    def test_the_header_is_c11_and_cpp20_for_both_compilers(self) -> None:
        for compiler, standard, language in (("gcc", "c11", "c"), ("g++", "c++20", "c++"), ("clang-14", "c11", "c"),
                                             ("clang++-14", "c++20", "c++")):
            with tempfile.TemporaryDirectory() as folder:
                source = Path(folder) / "twice"
                source.write_text("#include <mla.h>\n#include <mla.h>\nint nothing;\n")
                subprocess.run([compiler, f"-std={standard}", "-x", language, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                                "-fsyntax-only", f"-I{options.root / 'ffi/include'}", str(source)], check=True)

    def test_the_binary_interface_is_the_committed_one(self) -> None:
        dump = options.root / "tests/ffi/libmla.abi"
        result = subprocess.run(["abidiff", "--headers-dir2", str(options.root / "ffi/include"), str(dump), str(options.library)],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, f"made anew by tests/ffi/dump_abi LIBRARY, if the change is meant:\n{result.stdout}"
                                               f"{result.stderr}")

    def test_a_changed_function_would_be_seen(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder) / "changed.abi"
            text = (options.root / "tests/ffi/libmla.abi").read_text()
            # One that takes nothing instead of a handle.
            broken = re.sub(r"(<function-decl name='mla_state_free'[^>]*>\s*)<parameter [^>]*/>", r"\1", text)
            self.assertNotEqual(text, broken)
            changed.write_text(broken)
            result = subprocess.run(["abidiff", str(changed), str(options.library)], capture_output=True, check=False)
            self.assertNotEqual(result.returncode, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--handles", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.parse_args(namespace=options)
    unittest.main(argv=[sys.argv[0]])
