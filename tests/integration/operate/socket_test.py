#!/usr/bin/python3
"""Links over socket files: --listen, --parent and --url, a second router at the same file, the file of one that was killed."""
import os
import signal
import stat

import operate  # noqa: F401
from commands import Commands, bin_folder, expect
from processes import World


def run(world: World) -> None:
    commands = Commands(world)
    folder = world.folder.name
    root_url, leaf_url = f"ws+unix://{folder}/root.sock", f"ws+unix://{folder}/leaf.sock"
    root_file = root_url.removeprefix("ws+unix://")
    root = world.router("root", listen=root_url)
    world.router("leaf", listen=leaf_url, parent=root_url)
    expect("the URL is printed as it was given", root.url == root_url, root.url)
    expect("the file is a socket", stat.S_ISSOCK(os.stat(root_file).st_mode))

    exposing = commands.start("expose", "mla", "--url", leaf_url, "expose", "temp", "--tag", "demo", "--value", "21")
    got = commands.run("mla", "--url", root_url, "get", "temp", "--tag", "demo")
    expect("a state crosses two socket links", (got.returncode, got.stdout) == (0, "21\n"), got)

    second = commands.run("mla-router", "--listen", root_url, "--admin", "none")
    expect("a second router at the same file is told", second.returncode == 1 and "Address already in use" in second.stderr, second)

    root.kill_and_restart()  # the file of the dead one is replaced
    got = commands.run("mla", "--url", root_url, "get", "temp", "--tag", "demo")
    expect("the leaf found the new root", (got.returncode, got.stdout) == (0, "21\n"), got)

    exposing.end(signal.SIGTERM)
    root.process.end(signal.SIGTERM)
    expect("the file is gone with the router", not os.path.exists(root_file))
    refused = commands.run("mla", "--url", root_url, "--timeout", "1s", "get", "temp", "--tag", "demo")
    expect("nobody there is exit 3", refused.returncode == 3, refused)


if __name__ == "__main__":
    with World(bin_folder()) as world_of_test:
        run(world_of_test)
