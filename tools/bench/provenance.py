"""What is kept with each run, so that it can be had again: the revision, and command lines without this machine's folders."""
import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = (":!docs/benchmarks", ":!docs/benchmarks.md")  # change while they are made


def revision() -> str:
    """Of the tree whose build is measured; `-dirty`: files that git knows differ from it, results left aside."""
    short = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", *RESULTS], cwd=ROOT).returncode
    return short + ("-dirty" if changed else "")


def shown(command: list[str], environment: dict[str, str] | None = None) -> str:
    """As a shell would take it. Programs and files are named without their folders."""
    words = [re.sub(r"^(plugin:)?/.*/", r"\1", word) for word in command]
    return " ".join([*(f"{name}={shlex.quote(value)}" for name, value in (environment or {}).items()), shlex.join(words)])
