#!/usr/bin/python3
"""Makes a wheel of the package from the tree, with the library in it.

usage: make_wheel.py --library LIBMLA.SO --out DIR      prints its path. It works with any CPython from 3.11 on of this architecture,
                                                        where the packages that libmla.so links are installed
"""
import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import setup  # type: ignore[import]

HERE = Path(__file__).resolve().parent


def copy(library: Path, to: Path) -> None:
    """What goes in, as setuptools wants it: it writes beside what it reads."""
    shutil.copytree(HERE / "mla", to / "python/mla", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE.parent / "include", to / "include")
    for name in ("build_native.py", "native.c"):
        shutil.copy(HERE / name, to / "python" / name)
    (to / "lib").mkdir()
    subprocess.run(["strip", "--strip-unneeded", "-o", to / "lib/libmla.so", library], check=True)  # to link
    shutil.copy(to / "lib/libmla.so", to / "python/mla/libmla.so.1")  # to run


def make(to: Path, out: Path) -> None:
    version = re.search(r"^project\(mla VERSION ([\d.]+)", (HERE.parent.parent / "CMakeLists.txt").read_text(), re.MULTILINE)
    assert version
    with contextlib.chdir(to / "python"), contextlib.redirect_stdout(sys.stderr):
        setup(name="mla", version=version.group(1), description="Live objects shared between processes",
              packages=["mla"], package_data={"mla": ["py.typed", "libmla.so.1"]}, zip_safe=False,
              python_requires=">=3.11", install_requires=["cffi"], cffi_modules=["build_native.py:ffibuilder"],
              script_args=["build_ext", f"-L{to}/lib", "--rpath", "$ORIGIN/mla",
                           "bdist_wheel", "--py-limited-api", "cp311", "--dist-dir", str(out)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy(options.library.resolve(), Path(folder))
        make(Path(folder), out)
    print(*out.glob("mla-*.whl"))


if __name__ == "__main__":
    main()
