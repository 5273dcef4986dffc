#!/usr/bin/env python3
"""Holds the rules of the house that no compiler holds. Prints `path:line: rule: what was found,
what is expected` for each breach, and fails if there is one. Generated code is exempt.

  tools/tidy.py [ROOT]      ROOT: another tree than the checkout (the tests use it)
"""

import ast
import fnmatch
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from source_text import c_blocks, code_only, swift_blocks

FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 5
SAFETY_LINES = 8  # how far above a use its Safety line may stand
UNCHECKED_SENDABLE = 3  # of them in the whole of Sources

TOP_LEVEL = {"Package.swift", "Sources", "Protos", "Tests", "systemd", "tools", "README.md",
             "LICENSE", ".ci", ".gitignore", ".swift-format"}
NEVER_OURS = [".git", ".build*", ".swiftpm", "Package.resolved", "__pycache__"]

# The house: which of our targets a target may import. The C modules belong to one target each.
MAY_IMPORT = {
    "Kernels": {"CKernels", "COpenBLAS"},
    "Store": {"CLMDB"},
    "Inference": {"Kernels", "Store"},
    "Import": {"Inference", "Kernels", "Store"},
    "Scoring": set(),
    "Wire": {"Scoring", "Store"},
    "Daemon": {"Wire", "Scoring", "Inference", "Store", "CSystemd"},
    "grmd": {"Daemon"},
    "grmctl": {"Daemon", "Import", "Store", "Wire"},
    "grmdFigures": {"Inference", "Kernels", "Store"},
}
C_OWNER = {"CKernels": "Kernels", "COpenBLAS": "Kernels", "CLMDB": "Store", "CSystemd": "Daemon"}
SCORING_IMPORTS = {"Synchronization", "Foundation"}
# Two targets that meet in one file, or in one file for each target.
MEETINGS = [
    # The walk of a request; what binds a model to its template; the one map of all errors to
    # statuses. A place may be a folder.
    ({"Scoring", "Inference"},
     {"Sources/Daemon/Judging/", "Sources/Daemon/Deployment.swift",
      "Sources/Daemon/Deployment+Trial.swift", "Sources/Daemon/StatusMapping.swift"}),
    ({"Kernels", "Store"},
     {"Sources/Inference/DecoderWeights.swift", "Sources/Import/PackedTensors.swift"}),
]

UNSAFE_FOLDER = "Sources/Kernels/"
UNSAFE_FILES = {
    "Sources/Store/Environment.swift", "Sources/Store/Transaction.swift",
    "Sources/Store/WeightMap.swift", "Sources/Store/RecordFormat.swift",
    "Sources/Inference/DecoderWeights.swift", "Sources/Inference/EngineThread.swift",
    "Sources/Daemon/Systemd.swift", "Sources/Daemon/PeerCredentials.swift",
}
UNSAFE_ONE_LINE = "Sources/Inference/Engine.swift"

SUFFIX = re.compile(r"(Manager|Helper|Utils?|Handler|Wrapper|Provider|Impl|Base|Factory|Service"
                    r"|Info|Data)$")
SERVICES = {"ScoringService", "AdminService", "HealthService"}  # what gRPC calls them
TYPES_OF_VALUES = {"struct", "class", "enum", "actor", "protocol"}
TYPES = TYPES_OF_VALUES | {"typealias"}
UNSAFE = re.compile(r"\w*[uU]nsafe\w*")
SAFETY = re.compile(r"\bSafety\b[^:\n]{0,30}:")
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+[ \t]+)*(?:(?:package|public|internal|private|fileprivate)[ \t]+)?import[ \t]+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?(\w+)", re.M)
PUBLIC = re.compile(r"(?<![.\w])(public|open)\s+(?:\(set\)\s+)?(?=[a-z]|@)")
DECLARED = re.compile(
    r"^[ \t]*((?:@\w+(?:\([^)\n]*\))?[ \t]+)*package[ \t]+(?!import\b|\(set\)).*)", re.M)
# What the comment of its type explains: stored properties, and what protocols ask for.
PLAIN = re.compile(r"\b(?:let|var) \w+(?:: [^{]*|(?: =.*))$|\bvar description\b"
                   r"|\bfunc (?:==|<|hash)|\bcase\b")
MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:wo" r"rk|ro" r"ot|ho" r"me)/[\w.{]")
BANNED_CODE = [
    (re.compile(r"\bfatalError\("), "throw for the world, precondition for a bug of ours"),
    (re.compile(r"\btry!"), "a typed throw"),
    (re.compile(r"\.disabled\("), "a test that runs"),
    (re.compile(r"\bXCT\w+"), "Swift Testing"),
]
PRINT = re.compile(r"(?<![.\w])print\(")


@dataclass
class Source:
    """One file of ours. `code` is its text without comments and strings, line by line the same."""

    path: str
    text: str
    lines: list = field(init=False)
    code: str = field(init=False)
    blocks: list = field(init=False)

    def __post_init__(self):
        suffix = Path(self.path).suffix
        self.lines = self.text.splitlines()
        self.is_swift, self.is_c = suffix == ".swift", suffix in (".c", ".h")
        self.code = code_only(self.text, self.is_swift) if self.is_swift or self.is_c else ""
        self.blocks = swift_blocks(self.code) if self.is_swift else c_blocks(self.code)
        parts = self.path.split("/")
        self.target = parts[1] if parts[0] in ("Sources", "Tests") and len(parts) > 2 else ""
        self.in_sources = parts[0] == "Sources"
        self.is_tool = self.path in ("tools/tidy.py", "tools/tests/test_tidy.py")

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def matches(self, pattern, text=None):
        for match in pattern.finditer(self.code if text is None else text):
            yield self.line_of(match.start()), match


def is_generated(path):
    return "/Generated/" in path or re.search(r"\.(pb|grpc)\.swift$|[.-]pb-c\.[ch]$|_pb2", path)


def read_tree(root):
    """Every text file that git would keep, and the names at the top level."""
    ignore = root / ".gitignore"
    patterns = NEVER_OURS + (ignore.read_text().split() if ignore.exists() else [])

    def kept(path):
        names = (path.name, path.relative_to(root).as_posix())
        return not any(fnmatch.fnmatch(n, p.strip("/")) for p in patterns for n in names)

    sources, pending = [], [root]
    while pending:
        for path in sorted(filter(kept, pending.pop().iterdir())):
            if path.is_dir() and not path.is_symlink():
                pending.append(path)
            elif path.is_file() and b"\0" not in (content := path.read_bytes())[:8192]:
                name = path.relative_to(root).as_posix()
                sources.append(Source(name, content.decode("utf-8", "replace")))
    top = sorted(path.name for path in filter(kept, root.iterdir()))
    return sources, top


def check_sizes(source):
    is_code = source.is_swift or source.is_c or source.path.startswith("tools/")
    if is_code and len(source.lines) > FILE_LINES:
        yield FILE_LINES + 1, "file length", f"{len(source.lines)} lines", f"at most {FILE_LINES}"
    for name, first, last, count in functions(source):
        length = last - first + 1
        if length > FUNCTION_LINES:
            expected = f"at most {FUNCTION_LINES}"
            yield first, "function length", f"{name} has {length} lines", expected
        if count > PARAMETERS:
            yield first, "parameters", f"{name} has {count}", f"at most {PARAMETERS}, then a struct"


def functions(source):
    """(name, first line, last line, parameter count) of each function of Swift, C and Python."""
    if source.path.endswith(".py") or "python" in source.text.split("\n", 1)[0]:
        for node in ast.walk(ast.parse(source.text, source.path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
                count = len([each for each in given if each.arg not in ("self", "cls")])
                yield node.name, node.lineno, node.end_lineno, count
    for block in source.blocks:
        if block.kind not in TYPES and block.kind != "extension":
            count = 0 if source.is_c or only_stores(block) else len(block.parameters)
            yield block.name, block.first, block.last, count


def only_stores(block):
    """Whether it is the initialiser of a plain value, which has a parameter for each field."""
    statements = [line.strip() for line in block.body.splitlines() if line.strip()]
    return block.kind == "init" and bool(statements) and all(
        re.match(r"(self\.)?\w+\s*=(?!=)", statement) for statement in statements)


def check_unsafe(source):
    if not source.is_swift or not source.target:
        return
    used = sorted({(line, match.group()) for line, match in source.matches(UNSAFE)})
    lines = sorted({line for line, _ in used})
    allowed = (source.path.startswith(UNSAFE_FOLDER) or source.path in UNSAFE_FILES
               or (source.path == UNSAFE_ONE_LINE and len(lines) == 1))
    unchecked = [line for line, _ in source.matches(re.compile(r"@unchecked\s+Sendable"))]
    for line, word in used if not allowed else []:
        yield line, "unsafe", f"`{word}`", "a Span or a value; tools/tidy.py names the files for it"
    for line in sorted(set(lines if allowed else []) | set(unchecked)):
        if not has_safety(source, line):
            yield (line, "safety", "no Safety line",
                   "`// Safety:` above, in this function: who keeps it alive, why in bounds")


def has_safety(source, line):
    """Whether a Safety line stands a few lines above, or above in the same function or its comment.
    In Kernels also in the comment of the type: there whole types are about borrowed memory."""
    start = max(0, line - 1 - SAFETY_LINES)
    for block in source.blocks:
        if block.first <= line <= block.last:
            if block.kind not in TYPES and block.kind != "extension":
                start = min(start, block.first - 1 - len(heading(source, block.first)))
            elif source.path.startswith(UNSAFE_FOLDER) and states_safety(
                    heading(source, block.first)):
                return True
    return states_safety(source.lines[start : line + 1])  # or first in the closure that it opens


def states_safety(lines):
    return any(SAFETY.search(line) for line in lines)


def heading(source, line):
    """The comment and the attributes directly above a line."""
    at = line - 2
    while at >= 0 and source.lines[at].lstrip().startswith(("//", "@")):
        at -= 1
    return source.lines[at + 1 : line - 1]


def check_names(source):
    if not source.is_swift or not source.target:
        return
    is_nio = any(match.group(1).startswith("NIO") for match in IMPORT.finditer(source.code))
    for block in source.blocks:
        found = SUFFIX.search(block.name) if block.kind in TYPES else None
        if not found or block.name in SERVICES or (found.group(1) == "Handler" and is_nio):
            continue
        expected = f"a noun that does not end in {found.group(1)}"
        yield block.first, "type name", f"`{block.name}`", expected


def check_words(source):
    if source.is_tool:
        return
    checked = source.is_swift or source.is_c or source.path.startswith(("tools/", "systemd/"))
    for line, match in source.matches(MARKS, source.text) if checked else []:
        yield line, "banned word", f"`{match.group()}`", "the work done, or an issue"
    for line, match in source.matches(MACHINE_PATH, source.text):
        yield line, "machine path", f"`{match.group()}...`", "a path that every machine has"
    if not source.is_swift:
        return
    for pattern, expected in BANNED_CODE:
        for line, match in source.matches(pattern):
            yield line, "banned word", f"`{match.group()}`", expected
    for line, _ in source.matches(PRINT) if source.in_sources and source.target != "grmctl" else []:
        yield line, "banned word", "`print(`", "the log"
    for line, _ in source.matches(re.compile(r"\btry\?")):
        if not any("//" in text for text in source.lines[max(0, line - 3) : line]):
            yield line, "silent error", "`try?`", "a comment why the error does not matter"


def check_access(source):
    if not source.is_swift or not source.target:
        return
    for line, match in source.matches(PUBLIC):
        yield line, "access", f"`{match.group(1)}`", "`package`"
    stores = {block.first for block in source.blocks if only_stores(block)}
    for line, match in source.matches(DECLARED) if source.in_sources else []:
        if line in stores or PLAIN.search(match.group(1)):
            continue
        if not any(text.lstrip().startswith("///") for text in heading(source, line)):
            yield line, "documentation", f"`{match.group(1).strip()[:60]}`", "a `///` comment above"


def check_imports(source):
    if not source.is_swift or not source.target:
        return
    imports = [(line, match.group(1)) for line, match in source.matches(IMPORT)]
    ours = set(MAY_IMPORT) | set(C_OWNER)
    room = source.target.removesuffix("Tests")
    for line, name in imports:
        if source.in_sources and name in ours - MAY_IMPORT.get(source.target, ours):
            allowed = ", ".join(sorted(MAY_IMPORT[source.target])) or "none of ours"
            yield line, "import", f"{source.target} imports {name}", allowed
        elif name in C_OWNER and room != C_OWNER[name]:
            yield line, "import", f"{source.target} imports {name}", f"only {C_OWNER[name]} does"
        elif source.in_sources and room == "Scoring" and name not in SCORING_IMPORTS | ours:
            yield line, "import", f"Scoring imports {name}", "the standard library only"
    for pair, places in MEETINGS:
        met = [line for line, name in imports if name in pair]
        if source.in_sources and pair <= {n for _, n in imports} \
                and not source.path.startswith(tuple(places)):
            yield max(met), "import", " and ".join(sorted(pair)) + " meet", \
                "that only in " + " and ".join(sorted(places))


def check_file_name(source):
    if not source.is_swift or not source.target:
        return
    stem = Path(source.path).stem
    if stem == "Main":
        if "@main" not in source.code:
            yield 1, "file name", "no `@main` in Main.swift", "the entry of an executable"
        return
    base, plus, topic = stem.partition("+")
    declared = {block.name.split(".")[-1]: block.first for block in source.blocks
                if block.kind in TYPES or block.kind == "func"}
    lines = source.code.splitlines()
    has_type = any(block.kind in TYPES_OF_VALUES and "private " not in lines[block.first - 1]
                   for block in source.blocks)
    extended = {block.name.split(".")[-1] for block in source.blocks if block.kind == "extension"}
    if plus and base in declared:
        yield declared[base], "file name", f"`{base}` declared in {stem}.swift", f"{base}.swift"
    elif plus and not (topic and base in extended):
        yield 1, "file name", f"no extension of `{base}`", f"`extension {base}`, as the name says"
    elif not plus and stem not in declared and (has_type or not declared or extended):
        yield 1, "file name", f"no type `{stem}`", "a file named after its main type, or Type+Topic"


CHECKS = [check_sizes, check_unsafe, check_names, check_words, check_access, check_imports,
          check_file_name]


def check_tree(sources, top):
    """What no single file shows."""
    for name in sorted(set(top) - TOP_LEVEL):
        yield name, 1, "top level", f"`{name}`", "one of " + ", ".join(sorted(TOP_LEVEL))
    unchecked = [(source.path, line) for source in sources if source.in_sources and source.is_swift
                 for line, _ in source.matches(re.compile(r"@unchecked\s+Sendable"))]
    for path, line in unchecked[UNCHECKED_SENDABLE:]:
        yield path, line, "unchecked", f"`@unchecked Sendable`, of {len(unchecked)} in all", \
            f"at most {UNCHECKED_SENDABLE}"


def findings(root):
    """(path, line, rule, found, expected) of every breach below `root`, by path and line."""
    sources, top = read_tree(root)
    sources = [source for source in sources if not is_generated(source.path)]
    found = list(check_tree(sources, top))
    for source in sources:
        for check in CHECKS:
            found += [(source.path, *finding) for finding in check(source)]
    return sorted(found)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    found = findings(root)
    for path, line, rule, what, expected in found:
        print(f"{path}:{line}: {rule}: found {what}; expected {expected}")
    print(f"tidy: {len(found)} breaches" if found else "tidy: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
