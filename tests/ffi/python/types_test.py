#!/usr/bin/python3
"""mypy --strict over the package, as users see it, and a use that must be refused. usage: types_test.py --package DIR"""
import argparse
import os
import subprocess
import tempfile
from pathlib import Path

RIGHT = """import mla
def right(x: mla.Exchange) -> None:
    for thing, state in x.states(tag="t"):
        reveal_type(thing)
        reveal_type(state)
    for stream in x.observe(tag="t"):
        for state in stream:
            print(state.json())
    for sink in x.expose(object=(["t"], 1)):
        if sink.send({"c": 1}).outcome == "accepted":
            return
async def too(x: mla.Exchange) -> None:
    async with mla.connect("ws://h") as y, y.states(tag="t", ends=True) as states:
        async for thing, state in states:
            reveal_type(state)
"""
REVEALED = ["mla._values.Object", "mla._values.State", "Union[mla._values.State, None]"]
WRONG = """import mla
x = mla.connect(1.5)
for thing, state in x.states(tag="t"):
    state.sned
for sink in x.expose(tag="t", capacity="4"):
    sink.send(1, version=1)
for _, maybe in x.states(tag="t", ends=True):
    maybe.json()
"""


def mypy(folder: Path, package: Path, *files: str | Path) -> list[str]:
    result = subprocess.run(["/usr/bin/mypy", "--strict", "--cache-dir", folder / "cache", *files], cwd=folder, text=True,
                            capture_output=True, env={**os.environ, "MYPYPATH": str(package)}, check=False)
    assert not result.stderr, result.stderr
    return result.stdout.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=Path, required=True)
    package = parser.parse_args().package
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "right.py").write_text(RIGHT)
        (folder / "wrong.py").write_text(WRONG)
        found = mypy(folder, package, package / "mla", *package.glob("*.py"), *package.glob("examples/*.py"))
        assert len(found) == 1 and found[0].startswith("Success"), found
        found = mypy(folder, package, "right.py")
        notes = [line.split('"')[1] for line in found if "note: Revealed" in line]
        assert notes == REVEALED and "Success" in found[-1], found
        lines = {int(line.split(":")[1]) for line in mypy(folder, package, "wrong.py") if ": error: " in line}
        assert lines == {2, 4, 5, 6, 8}, lines
    print("types: the package and its example are sound, a wrong use is seen")


if __name__ == "__main__":
    main()
