"""Every finding of the linter, planted once."""
import subprocess
import tempfile
import unittest
from pathlib import Path

import script

PLANTED = [
    ("a.sh", "#!/bin/bash\nset -euo pipefail\nif true\n", "syntax error"),
    ("a.sh", "#!/bin/bash\ntrue\n", "without `set -euo pipefail`"),
    ("a.py", "def f(:\n", "invalid syntax"),
    ("a.cc", "int a; \n", "white space"),
    ("a.cc", "\tint a;\n", "a tab"),
    ("a.cc", "int a;", "no line end"),
    ("a.cc", "// " + "x" * 160 + "\n", "columns"),
    ("a.cc", "int a;\n" * 801, "wants to be two"),
    ("a.h", "int a;\n", "no include guard"),
    ("a.md", "See [b](b.md).\n", "a link to b.md, which does not exist"),
]


def lint(name: str, text: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "-q", folder], check=True)
        (Path(folder) / name).write_text(text)
        return subprocess.run([script.ROOT / "tools/lint", folder], capture_output=True, text=True)


class Lint(unittest.TestCase):
    def test_each_planted_slip_is_found(self) -> None:
        for name, text, expected in PLANTED:
            with self.subTest(expected):
                result = lint(name, text)
                self.assertEqual(result.returncode, 1)
                self.assertIn(expected, result.stdout)

    def test_clean_files_pass(self) -> None:
        for name, text in (("a.h", "#pragma once\n"), ("a.md", "See [a](a.md) and [the web](https://example.org/x).\n"),
                           ("a.sh", "#!/bin/bash\nset -euo pipefail\ntrue\n"), ("a.py", "print()\n")):
            with self.subTest(name):
                result = lint(name, text)
                self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
