"""The verdict over a test run must be red for every way in which a run can be less than whole."""
import unittest

import script

verdict = script.load("tools/lib/verdict.py")

# As ctest 3.25 writes them.
JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="5" failures="1" disabled="1" skipped="1">
  <testcase name="good" classname="good" time="0.1" status="run"><properties/><system-out/></testcase>
  <testcase name="bad" classname="bad" time="0.1" status="fail"><failure message="Failed"/></testcase>
  <testcase name="skips" classname="skips" time="0.1" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
  <testcase name="off" classname="off" time="0" status="disabled"><skipped message="Disabled"/></testcase>
  <testcase name="unbuilt" classname="unbuilt" time="0" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""


class Verdict(unittest.TestCase):
    def test_outcomes_are_read_from_the_report(self) -> None:
        self.assertEqual(verdict.outcomes(JUNIT), {"good": "passed", "bad": "failed", "skips": "skipped", "off": "skipped",
                                                   "unbuilt": "skipped"})

    def test_a_whole_run_has_nothing_wrong(self) -> None:
        self.assertEqual(verdict.judge(["a", "b"], ["a"], {"a": "passed"}, ["a", "b"]), [])

    def test_failed_and_skipped_tests_are_wrong(self) -> None:
        self.assertEqual(verdict.judge(["a", "b"], ["a", "b"], {"a": "failed", "b": "skipped"}, []),
                         ["failed: a", "skipped: b"])

    def test_a_test_absent_from_the_report_is_wrong(self) -> None:
        self.assertEqual(verdict.judge(["a", "b"], ["a", "b"], {"a": "passed"}, []), ["not run: b"])

    def test_an_expected_name_that_no_test_bears_is_wrong(self) -> None:
        self.assertEqual(verdict.judge(["a"], ["a"], {"a": "passed"}, ["P1"]), ["missing: P1 (tests/expected.txt)"])

    def test_two_tests_of_one_name_are_wrong(self) -> None:
        self.assertEqual(verdict.judge(["a", "a"], ["a", "a"], {"a": "passed"}, []), ["named twice: a"])

    def test_no_test_at_all_is_wrong(self) -> None:
        self.assertTrue(verdict.judge([], [], {}, []))

    def test_comments_and_blank_lines_expect_nothing(self) -> None:
        self.assertEqual(verdict.expected_names("# why\n\n a b \n"), ["a b"])


if __name__ == "__main__":
    unittest.main()
