"""The control tokens of a model file: their texts and ids."""

import json
import struct

from report import FiguresFailure

CONTROL = 3  # tokenizer.ggml.token_type
SIZES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9


def of(path):
    """{id: text} of a GGUF file, or of a folder with a tokenizer.json."""
    if path.is_dir():
        file = path / "tokenizer.json"
        if not file.is_file():
            raise FiguresFailure(f"expected {file}; found none")
        added = json.loads(file.read_text("utf-8")).get("added_tokens", [])
        found = {each["id"]: each["content"] for each in added if each.get("special")}
    else:
        fields = metadata(path)
        texts, kinds = fields.get("tokenizer.ggml.tokens"), fields.get("tokenizer.ggml.token_type")
        if texts is None or kinds is None:
            raise FiguresFailure(f"{path.name}: expected tokenizer.ggml.tokens and token_type")
        found = {number: text for number, (text, kind) in enumerate(zip(texts, kinds))
                 if kind == CONTROL}
    if not found:
        raise FiguresFailure(f"{path.name}: expected control tokens, found none")
    return found


def metadata(path):
    """The fields at the head of a GGUF file."""
    with path.open("rb") as file:
        magic, _, _, count = struct.unpack("<4sIQQ", file.read(24))
        if magic != b"GGUF":
            raise FiguresFailure(f"{path.name}: expected a GGUF file or a folder")
        fields = {}
        for _ in range(count):
            name = _value(file, STRING)
            fields[name] = _value(file, *_read(file, "I"))
        return fields


def _read(file, form):
    return struct.unpack("<" + form, file.read(struct.calcsize("<" + form)))


def _value(file, kind):
    if kind == STRING:
        [size] = _read(file, "Q")
        return file.read(size).decode("utf-8", "replace")
    if kind == ARRAY:
        each, count = _read(file, "IQ")
        if each in SIZES:
            return list(_read(file, f"{count}{SIZES[each]}"))
        return [_value(file, each) for _ in range(count)]
    return _read(file, SIZES[kind])[0]
