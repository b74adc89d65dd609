#!/usr/bin/python3
"""A router looks on for as long as it was told before it sleeps, and without being told it sleeps at once."""
import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tree"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "guests"))
from processes import Failure, World  # noqa: E402
from raw import Guest  # noqa: E402

A_LOT_S = 0.1  # of a processor; the kernel counts in hundredths


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(world: World) -> None:
    for said, looks_on in ((["--busy-poll", "1s"], True), ([], False)):
        urls: list[str] = []
        router = world.start("router", ["mla-router", "--listen", "ws://127.0.0.1:0", "--admin", "none", *said],
                             lambda line, urls=urls: urls.append(line.split()[1]))
        world.wait("the router is ready", lambda: len(urls) == 1, 20)
        guest = Guest(urls[0], 1).welcomed()
        before = cpu_s(router.process.pid)
        time.sleep(0.9)
        used = cpu_s(router.process.pid) - before
        print(f"{said}: {used:.2f} s of a processor")
        if (used > A_LOT_S) != looks_on:
            raise Failure("it does not do as told")
        router.end(signal.SIGTERM)
        if router.process.returncode != 0:
            raise Failure(f"the router ended with {router.process.returncode}")
        guest.sent_away("shutting_down")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    with World(options.bin) as world:
        run(world)


if __name__ == "__main__":
    main()
