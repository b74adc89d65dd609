"""Fenced blocks of a Markdown file, with the comment before each that says how to run it.

    <!-- run: terminal until="listening" -->
    ```sh
    mla-router
    ```

docs/testing.md lists what may stand after `run:`.
"""
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(`{3,}|~{3,})\s*([\w+-]*)\s*$")
DIRECTIVE = re.compile(r"^<!--\s*run:(.*?)-->\s*$")
KNOWN_WORDS = {"terminal", "help", "packages", "presets"}
KNOWN_KEYS = {"until", "exit", "prints"}


@dataclass
class Block:
    file: Path
    line: int  # of the opening fence
    language: str
    text: str
    words: set[str] = field(default_factory=set)
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"


def parse_directive(text: str) -> tuple[set[str], dict[str, str]]:
    words, options = set(), {}
    for word in shlex.split(text):
        key, equals, value = word.partition("=")
        if equals and key in KNOWN_KEYS:
            options[key] = value
        elif not equals and key in KNOWN_WORDS:
            words.add(key)
        else:
            raise ValueError(f"unknown directive {word!r}")
    return words, options


def blocks(file: Path) -> list[Block]:
    """Every fenced block of the file, in order. ValueError for a fence left open, or a directive that is unknown or stands
    before no block."""
    found: list[Block] = []
    current: Block | None = None
    fence = ""
    directive: tuple[int, str] | None = None
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if current is not None:
            if line.strip() == fence:
                found.append(current)
                current = None
            else:
                current.text += line + "\n"
        elif match := FENCE.match(line):
            fence = match.group(1)
            words, options = parse_directive(directive[1]) if directive else (set(), {})
            current = Block(file, number, match.group(2), "", words, options)
            directive = None
        elif directive:
            raise ValueError(f"{file.name}:{directive[0]}: a directive without a block")
        elif match := DIRECTIVE.match(line):
            directive = (number, match.group(1))
    if current is not None or directive:
        raise ValueError(f"{file.name}: the last block or directive is left open")
    return found
