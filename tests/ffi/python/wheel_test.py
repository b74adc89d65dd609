#!/usr/bin/python3
"""A wheel made from the tree and put into an empty folder: a program that has nothing else works.

usage: wheel_test.py --bin DIR --package DIR --library LIBMLA.SO
"""
import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration/tree"))
from processes import World  # noqa: E402

PROGRAM = """
import sys
import mla
with mla.connect(sys.argv[1]) as x, x.expose(object=([], "wheel")) as sinks, x.states(object=([], "wheel")) as states:
    next(sinks).send({"round": "a wheel is"})
    print(next(states)[1].json()["round"], mla.__file__)
print({line.split()[-1] for line in open("/proc/self/maps") if "libmla" in line or "_mla_native" in line})
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("bin", "package", "library"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    before = sorted(options.package.rglob("*"))
    with tempfile.TemporaryDirectory() as name, World(options.bin.resolve()) as world:
        folder = Path(name)
        subprocess.run(["/usr/bin/python3", "-B", options.package / "make_wheel.py", "--library", options.library, "--out", folder],
                       check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        assert wheel.name.startswith("mla-0.1.0-cp311-abi3-linux_"), wheel.name
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "installed")
        size = wheel.stat().st_size
        result = subprocess.run(["/usr/bin/python3", "-B", "-c", PROGRAM, world.router("router").url], cwd="/", capture_output=True,
                                text=True, timeout=60, env={"PYTHONPATH": str(folder / "installed")}, check=True)
        loaded = {str(folder / "installed" / file) for file in ("mla/libmla.so.1", "_mla_native.abi3.so")}
        assert result.stdout.startswith(f"a wheel is {folder}/installed/mla/") and all(file in result.stdout for file in loaded), result.stdout
    assert sorted(options.package.rglob("*")) == before, "the tree was written to"
    print(f"wheel: {wheel.name}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
