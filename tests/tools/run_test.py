"""tools/run with stand-ins for the binaries: what it answers when all goes well, when nothing arrives, when a part dies."""
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import script

ROUTER = "echo 'listening ws://127.0.0.1:7'; echo 'admin http://127.0.0.1:8'; exec sleep 300"
# hostmon; the witness that ends with the first state; the observer in the terminal
MLA = "case $* in *hostmon*) {hostmon};; *--count*) {witness};; *) {observer};; esac"
LIVE = {"hostmon": "exec sleep 300", "witness": "echo '{}'", "observer": "echo cpu; exec sleep 300"}


class Run(unittest.TestCase):
    def run_with(self, router: str = ROUTER, **parts: str) -> subprocess.CompletedProcess[str]:
        """Runs it for two seconds; every stand-in notes its process id, and none may be left afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            for name, text in (("mla-router", router), ("mla", MLA.format(**{**LIVE, **parts}))):
                (path / name).write_text(f"#!/bin/bash\necho $$ >>{path}/pids\n{text}\n")
                (path / name).chmod(0o755)
            result = subprocess.run([script.ROOT / "tools/run", "--bin", folder, "--for", "2"], capture_output=True, text=True,
                                    timeout=60)
            for pid in (path / "pids").read_text().split():
                with self.assertRaises(ProcessLookupError, msg=f"process {pid} was left behind"):
                    os.kill(int(pid), 0)
            return result

    def test_a_state_makes_it_end_well_and_it_says_where_the_pages_are(self) -> None:
        result = self.run_with()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("http://127.0.0.1:8/", result.stdout)
        self.assertIn("first live value", result.stdout)
        self.assertIn("cpu", result.stdout)

    def test_no_state_is_status_1(self) -> None:
        result = self.run_with(witness="exec sleep 300", observer="exec sleep 300")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no state arrived", result.stderr)

    def test_a_router_that_does_not_start_is_status_1_with_its_words(self) -> None:
        result = self.run_with(router="echo 'address in use' >&2; exit 3")
        self.assertEqual(result.returncode, 1)
        self.assertIn("address in use", result.stderr)

    def test_a_part_that_dies_is_status_1_at_once(self) -> None:
        for part in ("hostmon", "observer"):
            start = time.monotonic()
            result = self.run_with(**{part: "echo 'cannot connect' >&2; exit 3"})
            self.assertEqual(result.returncode, 1)
            self.assertIn("cannot connect", result.stderr)
            self.assertLess(time.monotonic() - start, 30)

    def test_arguments_it_does_not_know_are_status_2(self) -> None:
        for arguments in (["--fro"], ["--for"], ["--for", "ever"]):
            result = subprocess.run([script.ROOT / "tools/run", *arguments], capture_output=True, text=True, timeout=60)
            self.assertEqual(result.returncode, 2, arguments)

    def test_who_may_not_install_is_told_the_one_line_that_does(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("dpkg-query", "exit 1"), ("sudo", "exit 1"), ("id", "echo 1000"), ("apt-get", "echo called")):
                (Path(folder) / name).write_text(f"#!/bin/bash\n{text}\n")
                (Path(folder) / name).chmod(0o755)
            for command in ("tools/run", "tools/test"):
                result = subprocess.run([script.ROOT / command], capture_output=True, text=True, timeout=60,
                                        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
                self.assertEqual(result.returncode, 2, command)
                self.assertRegex(result.stdout, r"(?m)^sudo apt-get install -y --no-install-recommends build-essential .*libcbor-dev")
                self.assertNotIn("called", result.stdout)


if __name__ == "__main__":
    unittest.main()
