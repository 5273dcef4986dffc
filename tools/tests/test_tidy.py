"""Each rule of tools/tidy.py passes a clean tree and is broken by a planted fault."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tidy  # noqa: E402  (found through the path set above)

CLEAN = {
    "Package.swift": "// swift-tools-version: 6.2\n",
    ".gitignore": ".build\nPackage.resolved\n",
    "Sources/Store/Folder.swift": (
        "import CLMDB\n\n/// A folder.\npackage struct Folder {\n    package let path: String\n"
        '    private func text() -> String { "print( \\(path) unsafe" }\n}\n'
    ),
    "Sources/Store/Folder+Listing.swift": (
        "/// Listing.\nextension Folder {\n    /// Its names.\n"
        "    package func names() -> [String] { [] }\n}\n"
    ),
    "Sources/Store/Transaction.swift": (
        "struct Transaction {\n    func get() -> Int {\n        // Safety: copied before the end.\n"
        "        unsafe read()\n    }\n}\n"
    ),
    "Sources/Kernels/Product.swift": (
        "import CKernels\n\n/// A product.\n///\n/// Safety: the arrays live for the call.\n"
        "struct Product {\n    func run() { unsafe ck_run() }\n}\n"
    ),
    "Sources/Inference/DecoderWeights.swift": (
        "import Kernels\nimport Store\n\nstruct DecoderWeights {}\n"
    ),
    "Sources/Daemon/Judging/ScoreOperation.swift": (
        "import Inference\nimport Scoring\n\nstruct ScoreOperation {}\n"
    ),
    "Sources/Scoring/Vote.swift": "/// A vote.\npackage struct Vote {}\n",
    "Sources/grmctl/Main.swift": "@main\nstruct Main {\n    static func main() { print(1) }\n}\n",
    "Sources/CKernels/dot.c": "int dot(const int *a, int n) {\n    return a[n];\n}\n",
    "Sources/Wire/Generated/a.pb.swift": "public struct Info { func f() { fatalError() } }\n",
    "Tests/StoreTests/FolderTests.swift": "import Store\n\nstruct FolderTests {}\n",
    "tools/example.py": "def add(a, b):\n    return a + b\n",
}


def tree_findings(files):
    """(path, line, rule) of the findings in a tree of `files`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [finding[:3] for finding in tidy.findings(Path(folder))]


class TidyTests(unittest.TestCase):
    def assert_found(self, path, text, line, rule):
        """A clean tree with `text` at `path` has the one finding `rule`, at `line`."""
        self.assertEqual(tree_findings({**CLEAN, path: text}), [(path, line, rule)])

    def assert_clean(self, path, text):
        self.assertEqual(tree_findings({**CLEAN, path: text}), [])

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(tree_findings(CLEAN), [])

    def test_ignored_files_are_not_read(self):
        self.assert_clean(".build/Bad.swift", "fatalError()\n")
        self.assert_clean("Package.resolved", "{}\n")

    def test_file_length(self):
        self.assert_clean("tools/long.py", "x = 1\n" * 400)
        self.assert_found("tools/long.py", "x = 1\n" * 401, 401, "file length")
        self.assert_found("Sources/CKernels/long.c", "int x;\n" * 401, 401, "file length")

    def test_function_length_in_swift(self):
        def source(lines):
            inside = '        text += "}"\n' * (lines - 2)
            head = "struct Long {\n    func run<T>(_ value: T)\n        -> Int {\n"
            return head + inside + "    }\n}\n"

        self.assert_clean("Sources/Store/Long.swift", source(59))
        self.assert_found("Sources/Store/Long.swift", source(60), 2, "function length")

    def test_function_length_of_a_computed_property(self):
        text = "struct Long {\n    var sum: Int {\n" + "        1\n" * 60 + "    }\n}\n"
        self.assert_found("Sources/Store/Long.swift", text, 2, "function length")

    def test_function_length_in_c_and_python(self):
        body = "    x();\n" * 60
        text = f"#define BLOCK(x) {{ \\\n    x }}\nstatic void run(void) {{\n{body}}}\n"
        self.assert_found("Sources/CKernels/run.c", text, 3, "function length")
        text = "x = 1\n\n\ndef run():\n" + "    print()\n" * 60
        self.assert_found("tools/run.py", text, 4, "function length")

    def test_parameters(self):
        swift = ("struct Many {\n    func run(a: Int, b: (Int, Int) -> Int, "
                 "c: [Int: Int], d: Int, e: Int%s) {}\n}\n")
        self.assert_clean("Sources/Store/Many.swift", swift % "")
        self.assert_found("Sources/Store/Many.swift", swift % ", f: Int", 2, "parameters")
        python = "def run(a, b, c, d, e, *, f):\n    pass\n"
        self.assert_found("tools/many.py", python, 1, "parameters")
        self.assert_found("tools/many", "#!/usr/bin/env python3\n" + python, 2, "parameters")

    def test_an_initialiser_that_only_stores_has_as_many_parameters_as_the_value_has_fields(self):
        head = ("struct Many {\n    init(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int) {\n"
                "        self.a = a\n")
        self.assert_clean("Sources/Store/Many.swift", head + "    }\n}\n")
        text = head + "        open()\n    }\n}\n"
        self.assert_found("Sources/Store/Many.swift", text, 2, "parameters")

    def test_unsafe_outside_its_files(self):
        text = "// Safety: none.\nstruct %s {\n    func f() { unsafe g() }\n}\n"
        self.assert_found("Sources/Scoring/Sum.swift", text % "Sum", 3, "unsafe")
        self.assert_found("Tests/StoreTests/Sum.swift", text % "Sum", 3, "unsafe")
        self.assert_clean("Sources/Daemon/Systemd.swift", text % "Systemd")

    def test_unsafe_pointer_types_count(self):
        text = "struct Sum {\n    let p: UnsafeRawPointer\n}\n"
        self.assert_found("Sources/Scoring/Sum.swift", text, 2, "unsafe")

    def test_the_engine_has_one_unsafe_line(self):
        line = "    // Safety: the thread lives as long.\n    func f() { unsafe g() }\n"
        self.assert_clean("Sources/Inference/Engine.swift", f"struct Engine {{\n{line}}}\n")
        found = tree_findings(
            {**CLEAN, "Sources/Inference/Engine.swift": f"struct Engine {{\n{line}{line}}}\n"})
        self.assertEqual([rule for _, _, rule in found], ["unsafe", "unsafe"])

    def test_unsafe_without_a_safety_line(self):
        text = "struct WeightMap {\n    func f() { unsafe g() }\n}\n"
        self.assert_found("Sources/Store/WeightMap.swift", text, 2, "safety")
        self.assert_found("Sources/Kernels/WeightMap.swift", text, 2, "safety")
        self.assert_clean("Sources/Kernels/WeightMap.swift", "/// Safety: lent.\n" + text)

    def test_a_safety_line_of_another_function_does_not_count(self):
        text = ("struct WeightMap {\n    func f() {\n        // Safety: lent.\n"
                "        unsafe g()\n    }\n" + "\n" * 9 + "    func h() { unsafe g() }\n}\n")
        self.assert_found("Sources/Store/WeightMap.swift", text, 15, "safety")

    def test_unchecked_sendable(self):
        text = "final class Map: @unchecked Sendable {}\n"
        self.assert_found("Sources/Store/Map.swift", text, 1, "safety")
        text = "// Safety: immutable.\nfinal class Map{}: @unchecked Sendable {{}}\n"
        many = {f"Sources/Store/Map{n}.swift": text.format(n) for n in range(4)}
        found = tree_findings({**CLEAN, **many})
        self.assertEqual(found, [("Sources/Store/Map3.swift", 2, "unchecked")])

    def test_type_names(self):
        for name in ("CacheManager", "TokenUtils", "ModelInfo", "StoreService", "ByteData"):
            text = f"struct {name} {{}}\n"
            self.assert_found(f"Sources/Store/{name}.swift", text, 1, "type name")
        self.assert_clean("Sources/Daemon/AdminService.swift", "struct AdminService {}\n")
        self.assert_clean(
            "Sources/Daemon/PeerHandler.swift", "import NIOCore\n\nstruct PeerHandler {}\n")

    def test_banned_words(self):
        text = "struct Sum {\n    func f() { %s }\n}\n"
        for word in ("fatal" "Error()", "try" "! g()", "print" "(1)"):
            self.assert_found("Sources/Store/Sum.swift", text % word, 2, "banned word")
        for mark in ("TO" "DO", "FIX" "ME", "X" "XX"):
            swift = f"struct Sum {{}}\n// {mark}: later\n"
            self.assert_found("Sources/Store/Sum.swift", swift, 2, "banned word")
            self.assert_found("tools/run", f"#!/bin/bash\n# {mark}\n", 2, "banned word")
        text = 'struct Sum {\n    @Test(.disabled("x"))\n}\n'
        self.assert_found("Tests/StoreTests/Sum.swift", text, 2, "banned word")

    def test_an_ignored_error_needs_a_reason(self):
        text = "struct Sum {\n\n    func f() {\n%s        try? g()\n    }\n}\n"
        self.assert_found("Sources/Store/Sum.swift", text % "", 4, "silent error")
        self.assert_clean("Sources/Store/Sum.swift", text % "        // The file may be gone.\n")

    def test_public_and_open(self):
        self.assert_found("Sources/Store/Sum.swift", "public struct Sum {}\n", 1, "access")
        self.assert_found("Sources/Store/Sum.swift", "open class Sum {}\n", 1, "access")
        text = "struct Sum {\n    let file = open(path, 1)\n}\n"
        self.assert_clean("Sources/Store/Sum.swift", text)

    def test_package_declarations_are_documented(self):
        self.assert_found("Sources/Store/Sum.swift", "package struct Sum {}\n", 1, "documentation")
        text = "/// A sum.\npackage struct Sum {\n    @inlinable\n    package func add() {}\n}\n"
        self.assert_found("Sources/Store/Sum.swift", text, 4, "documentation")

    def test_imports_follow_the_house(self):
        for target, name in (("Scoring", "Inference"), ("Store", "Kernels"), ("Wire", "Inference"),
                             ("grmctl", "Inference"), ("Inference", "CLMDB")):
            text = f"package import {name}\n\nstruct Sum {{}}\n"
            self.assert_found(f"Sources/{target}/Sum.swift", text, 1, "import")
        text = "import CKernels\n\nstruct Sum {}\n"
        self.assert_found("Tests/StoreTests/Sum.swift", text, 1, "import")
        self.assert_clean("Tests/KernelsTests/Sum.swift", text)
        text = "import Logging\n\nstruct Sum {}\n"
        self.assert_found("Sources/Scoring/Sum.swift", text, 1, "import")

    def test_rooms_meet_in_one_file(self):
        text = "import Inference\nimport Scoring\n\nstruct Sum {}\n"
        self.assert_found("Sources/Daemon/Sum.swift", text, 2, "import")
        text = "import Kernels\nimport Store\n\nstruct Sum {}\n"
        self.assert_found("Sources/Import/Sum.swift", text, 2, "import")
        self.assert_clean("Tests/InferenceTests/Sum.swift", text)

    def test_the_top_level_is_given(self):
        self.assert_found("notes.md", "# Notes\n", 1, "top level")

    def test_paths_of_one_machine(self):
        for folder in ("wo" "rk", "ro" "ot", "ho" "me"):
            self.assert_found("README.md", f"# grmd\n\nSee /{folder}/x/y.\n", 3, "machine path")
        text = "# grmd\n\nSee https://example.org/wo" "rk/x and $HOME/home/x.\n"
        self.assert_clean("README.md", text)

    def test_a_file_is_named_after_its_type(self):
        self.assert_found("Sources/Store/Sum.swift", "struct Total {}\n", 1, "file name")
        self.assert_found("Sources/Store/Sum.swift", "extension Int {}\n", 1, "file name")
        self.assert_found("Sources/Store/Sum+Text.swift", "struct Total {}\n", 1, "file name")
        text = "struct Sum {}\n\nextension Sum {}\n"
        self.assert_found("Sources/Store/Sum+Text.swift", text, 1, "file name")
        self.assert_found("Sources/grmd/Main.swift", "struct Grmd {}\n", 1, "file name")
        self.assert_clean("Sources/Store/Sum.swift", "/// Adds.\npackage func add() {}\n")


if __name__ == "__main__":
    unittest.main()
