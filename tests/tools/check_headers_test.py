"""A header that leans on its includer, and one without a guard, must be caught."""
import subprocess
import tempfile
import unittest
from pathlib import Path

import script


def check(header: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contracts/include/mla/planted.h"
        file.parent.mkdir(parents=True)
        file.write_text(header)
        return subprocess.run([script.ROOT / "tools/check_headers", folder], capture_output=True, text=True)


class CheckHeaders(unittest.TestCase):
    def test_a_header_that_stands_alone_passes(self) -> None:
        self.assertEqual(check("#pragma once\n#include <string>\ninline std::string name;\n").returncode, 0)

    def test_a_header_that_leans_on_its_includer_is_named(self) -> None:
        result = check("#pragma once\ninline std::string name;\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("<mla/planted.h> does not stand alone", result.stdout)

    def test_a_header_without_a_guard_is_named(self) -> None:
        self.assertEqual(check("struct Planted {};\n").returncode, 1)


if __name__ == "__main__":
    unittest.main()
