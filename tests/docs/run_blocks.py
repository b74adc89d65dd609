#!/usr/bin/python3
"""Runs the fenced blocks of documents, so that they say what is true.

usage: run_blocks.py --bin DIR --cpp DIR --root ROOT FILE…     run them; status 1 when one fails
       run_blocks.py --extract DIR FILE…                       write C and C++ blocks to DIR, print `NAME<tab>SOURCE` of each

Each block runs in an empty folder of its own, with the built commands in PATH and a private router, whose address is in MLA_URL.
Consecutive `terminal` blocks run side by side in one folder, without that router, until the last of them has shown its text.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from markdown import Block, blocks

DEADLINE_S = 60.0
URL_IN_TEXT = "ws://127.0.0.1:3001"
PICTURES = {"text", "mermaid"}  # nothing to run
COMPILED = {"cpp": (".cc", "#include <cstdlib>\n", "std::getenv"), "c": (".c", "#include <stdlib.h>\n", "getenv")}


class Failure(Exception):
    pass


class Process:
    """A block's process; it and all it started are gone after stop()."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str], name: str) -> None:
        self.name = name
        self.output = folder / f"{name}.output"
        with self.output.open("wb") as sink:
            self.process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=sink,
                                            stderr=subprocess.STDOUT, start_new_session=True)

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Waits until the output holds the pattern."""
        end = time.monotonic() + DEADLINE_S
        while True:
            ended = self.process.poll() is not None
            if match := re.search(pattern, self.text()):
                return match
            if ended:
                raise Failure(f"ended with {self.process.returncode} before it printed {pattern!r}:\n{self.text()}")
            if time.monotonic() > end:
                raise Failure(f"did not print {pattern!r} in {DEADLINE_S:.0f} s:\n{self.text()}")
            time.sleep(0.02)

    def wait_end(self) -> int:
        try:
            return self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            raise Failure(f"did not end in {DEADLINE_S:.0f} s:\n{self.text()}") from None

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                continue
        # The leader may be gone while others of its group are not.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Runner:
    def __init__(self, bin_folder: Path, cpp_folder: Path, root: Path) -> None:
        self.bin, self.cpp, self.root = bin_folder, cpp_folder, root

    def environment(self, folder: Path, url: str) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(folder), "MLA_URL": url,
                "MLA_LISTEN": "ws://127.0.0.1:0", "MLA_ADMIN": "127.0.0.1:0",
                "PYTHONPATH": f"{self.root}/ffi/python:{self.bin.parent}/python"}

    def command(self, block: Block, url: str) -> list[str]:
        if block.language == "sh":
            return ["bash", "-euo", "pipefail", "-c", block.text.replace(URL_IN_TEXT, url)]
        if block.language == "js":
            return ["node", "--input-type=module", "-e", block.text.replace(URL_IN_TEXT, url)]
        if block.language == "python":
            return ["/usr/bin/python3", "-B", "-c", block.text.replace(URL_IN_TEXT, url)]
        if block.language in COMPILED:
            return [str(self.cpp / cpp_name(block))]
        raise Failure(f"a block of language {block.language!r}, which nobody knows how to run")

    def run_terminals(self, group: list[Block]) -> None:
        """Starts one after the other, each when the one before has shown its text; all end together."""
        running: list[Process] = []
        url = "ws://127.0.0.1:1"  # until a router says which
        with tempfile.TemporaryDirectory() as folder:
            try:
                for number, block in enumerate(group):
                    process = Process(self.command(block, url), Path(folder), self.environment(Path(folder), url), f"t{number}")
                    running.append(process)
                    if until := block.options.get("until"):
                        process.wait_for(re.escape(until))
                    if match := re.search(r"^listening (ws://\S+)$", process.text(), re.MULTILINE):
                        url = match.group(1)
                for block, process in zip(group, running):
                    if process.process.poll() is not None:
                        raise Failure(f"{block} ended with {process.process.returncode}:\n{process.text()}")
            finally:
                for process in reversed(running):
                    process.stop()

    def run_to_end(self, block: Block) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            if block.language == "js":
                (path / "node_modules").mkdir()
                (path / "node_modules/mla-exchange").symlink_to(self.root / "wasm/package")
            router = Process([str(self.bin / "mla-router")], path, self.environment(path, ""), "router")
            try:
                url = router.wait_for(r"(?m)^listening (ws://\S+)$").group(1)
                process = Process(self.command(block, url), path, self.environment(path, url), "block")
                try:
                    status = process.wait_end()
                finally:
                    process.stop()
                if status != int(block.options.get("exit", "0")):
                    raise Failure(f"ended with status {status}:\n{process.text()}")
                if (prints := block.options.get("prints")) and prints not in process.text():
                    raise Failure(f"did not print {prints!r}:\n{process.text()}")
            finally:
                router.stop()

    def run_help(self, block: Block) -> None:
        """The commands take minutes; that they exist and know themselves is checked here, the rest in the clean room."""
        for line in commands(block):
            result = subprocess.run(["bash", "-c", f"{line} --help"], cwd=self.root, capture_output=True, text=True)
            if result.returncode != 0 or "usage" not in result.stdout.lower():
                raise Failure(f"`{line} --help` gave {result.returncode}: {result.stdout}{result.stderr}")

    def check_packages(self, block: Block) -> None:
        script = 'source tools/lib/packages.sh; printf "%s\\n" "${mla_build_packages[@]}" -- "${mla_test_packages[@]}"'
        listed = subprocess.run(["bash", "-c", script], cwd=self.root, capture_output=True, text=True, check=True).stdout
        build, test = (set(part.split()) for part in listed.split("--"))
        lines = [{word for word in line.split() if word not in {"sudo", "apt-get", "install"} and not word.startswith("-")}
                 for line in commands(block)]
        if lines != [build, test]:
            raise Failure(f"the packages are not those of tools/lib/packages.sh: {lines} instead of {[build, test]}")

    def check_presets(self, block: Block) -> None:
        presets = json.loads((self.root / "CMakePresets.json").read_text())
        for line in re.split(r"&&|\n", "\n".join(commands(block))):
            match = re.fullmatch(r"\s*(cmake --build|cmake|ctest) --preset (\w+)\s*", line)
            kind = {"cmake": "configure", "cmake --build": "build", "ctest": "test"}[match.group(1)] if match else ""
            if not match or match.group(2) not in {p["name"] for p in presets[f"{kind}Presets"]}:
                raise Failure(f"{line.strip()!r} names no preset")

    def run(self, group: list[Block]) -> None:
        first = group[0]
        if "terminal" in first.words:
            self.run_terminals(group)
        elif "help" in first.words:
            self.run_help(first)
        elif "packages" in first.words:
            self.check_packages(first)
        elif "presets" in first.words:
            self.check_presets(first)
        elif first.language not in PICTURES:
            self.run_to_end(first)


def commands(block: Block) -> list[str]:
    """The block's lines, joined where they are continued, without comments."""
    joined = re.sub(r"\\\n", " ", block.text)
    return [line for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines()) if line]


def cpp_name(block: Block) -> str:
    return f"doc_{re.sub(r'[^a-z0-9]', '_', block.file.name.lower())}_{block.line}"


def groups(all_blocks: list[Block]) -> list[list[Block]]:
    """Consecutive `terminal` blocks together, every other alone."""
    result: list[list[Block]] = []
    for block in all_blocks:
        if result and "terminal" in block.words and "terminal" in result[-1][0].words:
            result[-1].append(block)
        else:
            result.append([block])
    return result


def extract(files: list[Path], folder: Path) -> None:
    """The programs take the router's address from the environment instead of the one that is written in the document."""
    folder.mkdir(parents=True, exist_ok=True)
    for block in (b for file in files for b in blocks(file) if b.language in COMPILED):
        suffix, include, getenv = COMPILED[block.language]
        source = folder / f"{cpp_name(block)}{suffix}"
        text = include + block.text.replace(f'"{URL_IN_TEXT}"', f'{getenv}("MLA_URL")')
        if not source.exists() or source.read_text() != text:
            source.write_text(text)
        print(f"{cpp_name(block)}\t{source}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--extract", type=Path)
    parser.add_argument("--bin", type=Path)
    parser.add_argument("--cpp", type=Path)
    parser.add_argument("--root", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    if options.extract:
        extract(options.files, options.extract)
        return 0
    runner = Runner(options.bin.resolve(), options.cpp.resolve(), options.root.resolve())
    ran = failed = 0
    for file in options.files:
        for group in groups(blocks(file)):
            ran += len(group)
            try:
                runner.run(group)
            except Failure as failure:
                failed += 1
                print(f"{group[0]}: {failure}")
    print(f"run_blocks: {ran} blocks, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
