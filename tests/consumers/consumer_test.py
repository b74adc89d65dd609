#!/usr/bin/python3
"""Installs the build into a folder that is then moved, builds one of the projects beside this file against it, and runs it.

usage: consumer_test.py --build BUILD --root ROOT --libdir LIB find_package|pkg_config|add_subdirectory|c_program
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration/tree"))
from processes import World  # noqa: E402


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    result = subprocess.run([str(word) for word in command], text=True, capture_output=True, env={**os.environ, **(env or {})}, check=False)
    assert result.returncode == 0, f"{' '.join(map(str, command))} gave {result.returncode}:\n{result.stdout[-3000:]}{result.stderr[-6000:]}"
    return result.stdout


def install(build: Path, folder: Path, root: Path) -> Path:
    """The prefix. It is no longer where it was installed to, and tells nothing of the source tree."""
    run("cmake", "--install", build, "--prefix", folder / "first")
    shutil.move(folder / "first", folder / "prefix")
    for file in folder.glob("prefix/**/*"):
        if file.suffix in {".cmake", ".pc", ".h", ".hpp", ".def"}:
            text = file.read_text()
            assert str(root) not in text and str(folder) not in text, f"{file} names a folder of this machine"
    return folder / "prefix"


def build_consumer(kind: str, build: Path, root: Path, libdir: str, folder: Path) -> Path:
    out = folder / "build"
    out.mkdir()
    if kind == "add_subdirectory":
        # As a user would who has clang, which takes little more than half the time of g++; the other projects have g++. With the
        # launcher of the build, so that what is compiled a second time is found again.
        launcher = re.search(r"^CMAKE_CXX_COMPILER_LAUNCHER:\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)
        run("cmake", "-G", "Ninja", "-S", HERE / kind, "-B", out, f"-DMLA_SOURCE={root}", "-DCMAKE_CXX_COMPILER=clang++-14",
            "-DCMAKE_CXX_FLAGS=-O0", "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=0",
            f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher[1] if launcher else ''}")
        run("cmake", "--build", out, "--target", "consumer", "-j", "2")
        assert "mla-router" not in run("ninja", "-C", out, "-t", "targets", "all"), "a user's project gets the commands and tests too"
        return out / "consumer"
    prefix = install(build, folder, root)
    if kind == "find_package":
        run("cmake", "-G", "Ninja", "-S", HERE / kind, "-B", out, f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", out)
    elif kind == "pkg_config":
        run(HERE / kind / "build.sh", out / "consumer", env={"PKG_CONFIG_PATH": str(prefix / libdir / "pkgconfig")})
    else:
        run(HERE / kind / "build.sh", out / "consumer", prefix, libdir)
        assert f"{prefix}/{libdir}/libmla.so.1" in run("ldd", out / "consumer")
    return out / "consumer"


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("build", "root"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--libdir", required=True)
    parser.add_argument("kind")
    options = parser.parse_args()
    build, root = options.build.resolve(), options.root.resolve()
    with tempfile.TemporaryDirectory() as folder, World(build / "bin") as world:
        program = build_consumer(options.kind, build, root, options.libdir, Path(folder))
        printed = subprocess.run([program, world.router("router").url], capture_output=True, text=True, timeout=60, check=True).stdout
        assert printed == "consumer: 42\n", printed
    print(f"{options.kind}: built and ran")


if __name__ == "__main__":
    main()
