"""Reads Swift and C just well enough to check their style: code without comments and strings,
and where functions and types begin and end."""

import bisect
import re
from dataclasses import dataclass

TOKENS = re.compile(r'//[^\n]*|/\*|(#*)("""|")|\'(?:\\.|[^\'\\\n])*\'')
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Block:
    """A function or a type: its first and last line, counted from 1, and its parameters."""

    kind: str
    name: str
    first: int
    last: int
    parameters: tuple = ()
    body: str = ""


def code_only(text, is_swift):
    """`text` with comments and the insides of strings blanked; every line keeps its number."""
    out, at = [], 0
    while match := TOKENS.search(text, at):
        if match.group().startswith("'") and is_swift:
            out.append(text[at : match.end()])
            at = match.end()
            continue
        out.append(text[at : match.start()])
        end = end_of_token(text, match)
        out.append(re.sub(r"[^\n]", " ", text[match.start() : end]))
        at = end
    return "".join(out) + text[at:]


def end_of_token(text, match):
    """Where the comment or string that starts with `match` ends."""
    token = match.group()
    if token.startswith(("//", "'")):
        return match.end()
    if token == "/*":
        end = text.find("*/", match.end())
        return len(text) if end < 0 else end + 2
    return end_of_string(text, match.end(), match.group(1), match.group(2))


def end_of_string(text, at, pounds, quote):
    closing, escape = quote + pounds, "\\" + pounds
    while at < len(text):
        if text.startswith(closing, at):
            return at + len(closing)
        if text.startswith(escape + "(", at):
            at = end_of_interpolation(text, at + len(escape) + 1)
        elif text.startswith(escape, at):
            at += len(escape) + 1
        elif text[at] == "\n" and quote == '"':
            return at  # not a string after all; the compiler judges that
        else:
            at += 1
    return at


def end_of_interpolation(text, at):
    depth = 1
    while at < len(text) and depth:
        match = TOKENS.match(text, at)
        if match and match.group(2):
            at = end_of_token(text, match)
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at


class Lines:
    """Line numbers, from 1, of positions in a text."""

    def __init__(self, text):
        self.starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def of(self, position):
        return bisect.bisect_right(self.starts, position)


def matching(code, at):
    """The position of the bracket that closes the one at `at`, or the end of `code`."""
    depth = 0
    for match in re.compile(r"[()\[\]{}]").finditer(code, at):
        depth += 1 if match.group() in OPENING else -1
        if depth == 0:
            return match.start()
    return len(code)


def split_parameters(inside):
    """The parameters in the text between two brackets."""
    depth, parts = 0, [""]
    for char in inside.replace("->", "  "):
        depth += (char in "([{<") - (char in ")]}>")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return tuple(part.strip() for part in parts if part.strip())


FUNCTION = re.compile(
    r"(?<![.\w`])(?:(func)\s+(`?\w+`?|[^\s\w(]+)|(init|subscript)\b[?!]?|(deinit)\b"
    r"|(var)\s+(\w+)\s*:[^={}\n]*(?=\{))"
)
TYPE = re.compile(
    r"(?<![.\w`])(struct|class|enum|actor|protocol|extension|typealias)\s+(?!func\b|var\b|let\b)"
    r"([\w.]+)"
)
NEXT_DECLARATION = re.compile(r"[{}(\[;]|\b(?:func|init|deinit|subscript|var|let|case|import)\b")


def swift_blocks(code):
    """Functions, initialisers, computed properties and types of Swift code, in order."""
    lines = Lines(code)
    blocks = [swift_function(code, lines, match) for match in FUNCTION.finditer(code)]
    for match in TYPE.finditer(code):
        opening = code.find("{", match.end())
        is_alias = match.group(1) == "typealias" or opening < 0
        end = match.end() if is_alias else matching(code, opening)
        blocks.append(
            Block(match.group(1), match.group(2), lines.of(match.start()), lines.of(end)))
    return sorted((block for block in blocks if block), key=lambda block: block.first)


def swift_function(code, lines, match):
    kind = match.group(1) or match.group(3) or match.group(4) or match.group(5)
    name = (match.group(2) or match.group(6) or kind).strip("`")
    parameters, at = (), match.end()
    if kind in ("func", "init", "subscript"):
        opening = code.find("(", at)
        if opening < 0:
            return None
        closing = matching(code, opening)
        parameters, at = split_parameters(code[opening + 1 : closing]), closing + 1
    while found := NEXT_DECLARATION.search(code, at):
        if found.group() not in ("(", "["):
            break
        at = matching(code, found.start()) + 1
    has_body = found and found.group() == "{"
    end = matching(code, found.start()) if has_body else at
    body = code[found.start() + 1 : end] if has_body else ""
    last = lines.of(max(match.start(), min(end, len(code) - 1)))
    return Block(kind, name, lines.of(match.start()), last, parameters, body)


def c_blocks(code):
    """Functions of C code: what has a body at the outermost level and a bracket before it."""
    plain = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                   lambda match: re.sub(r"[^\n]", " ", match.group()), code, flags=re.M)
    lines, blocks, at = Lines(plain), [], 0
    while (opening := plain.find("{", at)) >= 0:
        head = plain[at:opening].rstrip()
        if re.search(r"\bextern\s*$", head):
            at = opening + 1
            continue
        closing = matching(plain, opening)
        if head.endswith(")"):
            blocks.append(c_function(plain, lines, (opening, closing)))
        at = closing + 1
    return blocks


def c_function(code, lines, body):
    """The function whose body lies between two brackets, its list of parameters just before."""
    end = code.rindex(")", 0, body[0])
    depth, start = 0, end
    while start > 0:
        depth += {")": 1, "(": -1}.get(code[start], 0)
        if depth == 0:
            break
        start -= 1
    name = re.search(r"(\w*)\s*$", code[:start]).group(1)
    parameters = split_parameters(code[start + 1 : end])
    return Block("func", name, lines.of(start), lines.of(body[1]), parameters)
