"""The runner of the documents' blocks must be red when a block does not do what it says."""
import tempfile
import unittest
from pathlib import Path

import run_blocks
from markdown import blocks

FAKE_ROUTER = "#!/bin/bash\necho listening ws://127.0.0.1:7\nexec sleep 60\n"


class Documents(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        (self.folder / "mla-router").write_text(FAKE_ROUTER)
        (self.folder / "mla-router").chmod(0o755)
        self.runner = run_blocks.Runner(self.folder, self.folder, self.folder)

    def read(self, text: str) -> list[run_blocks.Block]:
        file = self.folder / "page.md"
        file.write_text(text)
        return blocks(file)

    def run_all(self, text: str) -> None:
        for group in run_blocks.groups(self.read(text)):
            self.runner.run(group)

    def assert_fails(self, text: str, why: str) -> None:
        with self.assertRaises(run_blocks.Failure) as raised:
            self.run_all(text)
        self.assertIn(why, str(raised.exception))

    def test_a_block_that_fails_is_red_and_its_output_is_shown(self) -> None:
        self.assert_fails("```sh\necho hello; exit 3\n```\n", "ended with status 3:\nhello")

    def test_a_failure_in_the_middle_of_a_block_is_red(self) -> None:
        self.assert_fails("```sh\nfalse\ntrue\n```\n", "ended with status 1")

    def test_a_wanted_status_and_text_are_checked(self) -> None:
        self.run_all('<!-- run: exit=3 prints="hello" -->\n```sh\necho hello; exit 3\n```\n')
        self.assert_fails('<!-- run: exit=3 -->\n```sh\ntrue\n```\n', "ended with status 0")
        self.assert_fails('<!-- run: prints="hello" -->\n```sh\necho bye\n```\n', "did not print 'hello'")

    def test_a_block_gets_the_address_of_its_router(self) -> None:
        self.run_all('<!-- run: prints="ws://127.0.0.1:7 ws://127.0.0.1:7" -->\n```sh\necho $MLA_URL ws://127.0.0.1:3001\n```\n')

    def test_terminals_run_side_by_side(self) -> None:
        self.run_all('<!-- run: terminal until="listening" -->\n```sh\nmla-router\n```\n'
                     '<!-- run: terminal until="at ws://127.0.0.1:7" -->\n```sh\necho at $MLA_URL; exec sleep 60\n```\n')

    def test_a_terminal_that_ends_is_red(self) -> None:
        self.assert_fails('<!-- run: terminal until="x" -->\n```sh\necho y\n```\n', "before it printed 'x'")
        wait_for_the_first = "while grep -qv ' Z ' /proc/$(cat pid)/stat 2>/dev/null; do sleep 0.01; done"
        self.assert_fails('<!-- run: terminal until="x" -->\n```sh\necho $$ >pid; echo x; exit 4\n```\n'
                          '<!-- run: terminal until="z" -->\n```sh\n' + wait_for_the_first + '; echo z; exec sleep 60\n```\n',
                          "ended with 4")

    def test_a_language_nobody_can_run_is_red(self) -> None:
        self.assert_fails("```cobol\nSTOP RUN.\n```\n", "cobol")
        self.assert_fails("```\nwhat is this\n```\n", "nobody knows")

    def test_pictures_are_left_alone(self) -> None:
        self.run_all("```text\nrouter -- leaf\n```\n")

    def test_a_document_with_a_slip_in_it_is_refused(self) -> None:
        for text in ("```sh\ntrue\n", "<!-- run: exit=1 -->\nwords\n", "<!-- run: exti=1 -->\n```sh\n```\n"):
            with self.subTest(text), self.assertRaises(ValueError):
                self.read(text)


if __name__ == "__main__":
    unittest.main()
