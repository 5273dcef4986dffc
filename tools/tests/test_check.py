"""tools/check fails when a stage fails, and counts what the test runners report."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).parent.parent
sys.path.insert(0, str(TOOLS))

import check  # noqa: E402  (found through the path set above)

SWIFT_LOG = """\
\t Executed 0 tests, with 0 failures (0 unexpected) in 0.0 (0.0) seconds
➜ Test "later" skipped: "why"
✘ Test plain() recorded an issue at ATests.swift:7:3: Caught error: E()
✘ Test "bad" with 3 test cases failed after 0.002 seconds with 2 issues.
✔ Test "one is one" passed after 0.002 seconds.
✘ Test plain() failed after 0.003 seconds with 1 issue.
✘ Suite ATests failed after 0.003 seconds with 3 issues.
✘ Test run with 4 tests in 1 suite failed after 0.004 seconds with 3 issues.
"""
MANIFEST = """\
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "tiny",
    targets: [
        .target(name: "Tiny", swiftSettings: [.treatAllWarnings(as: .error)]),
        .testTarget(name: "TinyTests", dependencies: ["Tiny"]),
    ]
)
"""
TINY = "/// Twice the value.\npackage func twice(_ value: Int) -> Int { value * 2 }\n"
RACE = """\
import Foundation
import Testing

@Suite("Compute threads") struct ComputePoolTests {
    @Test("a sum of many threads") func race() {
        nonisolated(unsafe) var sum = 0
        let threads = (0..<4).map { _ in Thread { for _ in 0..<100_000 { sum += 1 } } }
        threads.forEach { $0.start() }
        while threads.contains(where: { !$0.isFinished }) { Thread.sleep(forTimeInterval: 0.01) }
        #expect(sum > 0)
    }
}
"""
TEST = """\
import Testing
import Tiny

struct TinyTests {
    @Test("twice two is four") func twiceTwo() { #expect(twice(2) == 4) }
}
"""


class CountTests(unittest.TestCase):
    def test_swift_testing_is_counted(self):
        self.assertEqual(check.count_tests(SWIFT_LOG), (1, 2))

    def test_unittest_is_counted(self):
        log = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(check.count_tests(log), (3, 3))
        self.assertEqual(check.count_tests("Ran 1 test in 0.1s\n\nOK\n"), (1, 0))

    def test_our_own_summary_is_counted(self):
        self.assertEqual(check.count_tests("ok   a\n7 passed, 1 failed\n"), (7, 1))


class CheckTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copytree(TOOLS, self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(TOOLS.parent / ".swift-format", self.root)
        self.write("Package.swift", MANIFEST)
        self.write("Sources/Tiny/Tiny.swift", TINY)
        self.write("Tests/TinyTests/TinyTests.swift", TEST)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def check(self, *arguments):
        """(exit status, lines) of tools/check in the temporary tree."""
        command = [self.root / "tools/check", *arguments]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        return run.returncode, (run.stdout + run.stderr).splitlines()

    def assert_fails(self, stage, fix, *texts):
        status, lines = self.check("--only", stage)
        output = "\n".join(lines)
        self.assertEqual(status, 1, output)
        self.assertEqual(lines[-1], "0 passed, 1 failed")
        self.assertTrue(lines[-2].startswith(f"FAILED {stage}: "), output)
        for text in (fix, *texts):
            self.assertIn(text, output)

    def test_clean_stages_pass(self):
        status, lines = self.check("--only", "format,tidy")
        self.assertEqual((status, lines[-1]), (0, "0 passed, 0 failed"), lines)

    def test_a_breach_of_the_house_fails(self):
        self.write("Sources/Tiny/Tiny.swift", TINY.replace("package", "public"))
        self.assert_fails("tidy", "mend", "Sources/Tiny/Tiny.swift:2: access: found `public`")

    def test_a_badly_formatted_file_fails(self):
        self.write("Sources/Tiny/Tiny.swift", TINY.replace("{ value", "{value"))
        self.assert_fails("format", "tools/format", "Tiny.swift:2:")

    def test_a_machine_that_cannot_be_set_up_fails(self):
        self.write("tools/setup", "#!/bin/sh\necho 'no apt-get here'\nexit 1\n")
        self.assert_fails("setup", "tools/setup", "no apt-get here")

    def test_a_stage_that_finds_no_tests_fails(self):
        shutil.rmtree(self.root / "tools/tests")
        (self.root / "tools/tests").mkdir()
        status, lines = self.check("--only", "tools")
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed"), lines)

    def test_a_stage_that_cannot_run_here_is_named_and_fails_under_all(self):
        self.write("tools/systemd/test", "#!/bin/sh\necho 'no namespaces here'\nexit 77\n")
        status, lines = self.check("--only", "systemd")
        self.assertEqual(status, 0, lines)
        self.assertIn("not run   no namespaces here", lines[0])
        self.assertEqual(self.check("--only", "systemd", "--all")[0], 1)

    def test_the_sanitizers_belong_to_all_and_fail_on_what_they_find(self):
        self.write("tools/setup", "#!/bin/sh\n")
        self.write("tools/kernels-check", "#!/bin/sh\necho \"heap-buffer-overflow $*\"\nexit 1\n")
        self.assertIn("expected stages among", self.check("--only", "kernel memory")[1][-1])
        status, lines = self.check("--all", "--only", "kernel memory")
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed"), lines)
        self.assertIn("heap-buffer-overflow --sanitize", "\n".join(lines))

        self.write("Package.swift", MANIFEST.replace("TinyTests", "KernelsTests"))
        self.write("Tests/KernelsTests/ComputePoolTests.swift", RACE)
        status, lines = self.check("--all", "--only", "engine threads")
        # The test itself is content; the sanitizer's exit status fails the stage.
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed"), lines)
        self.assertIn("ThreadSanitizer", "\n".join(lines))
        self.write("Tests/KernelsTests/ComputePoolTests.swift", RACE.replace("0..<4", "0..<1"))
        status, lines = self.check("--all", "--only", "engine threads")
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed"), lines)

    def test_training_belongs_to_all_and_its_stages_are_counted(self):
        self.write("tools/spct-check", "#!/bin/sh\necho '2 passed, 1 failed'\nexit 1\n")
        self.assertIn("expected stages among", self.check("--only", "training")[1][-1])
        status, lines = self.check("--all", "--only", "training")
        self.assertEqual((status, lines[-1]), (1, "2 passed, 1 failed"), lines)
        self.assertIn("To mend: tools/spct-check --keep", lines[-2])
        self.write("tools/spct-check", "#!/bin/sh\necho '14 passed, 0 failed'\n")
        status, lines = self.check("--all", "--only", "training")
        self.assertEqual((status, lines[-1]), (0, "14 passed, 0 failed"), lines)

    def test_an_unknown_stage_is_refused(self):
        status, lines = self.check("--only", "everything")
        self.assertEqual(status, 1)
        self.assertIn("found everything", lines[-1])

    def test_a_warning_fails_the_build_and_a_wrong_result_fails_the_units(self):
        stages = ("--fast", "--only", "build,units")
        status, lines = self.check(*stages)
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed"), lines)

        self.write("Tests/TinyTests/TinyTests.swift", TEST.replace("== 4", "== 5"))
        status, lines = self.check(*stages)
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed"), lines)
        self.assertTrue(lines[-2].startswith("FAILED units: "), lines)

        self.write("Sources/Tiny/Tiny.swift", TINY.replace("{ v", "{ let unused = 1; return v"))
        status, lines = self.check(*stages)
        self.assertEqual(status, 1)
        self.assertTrue(lines[-2].startswith("FAILED build: "), lines)
        self.assertIn("units               0 s   not run   build did not pass", lines)


if __name__ == "__main__":
    unittest.main()
