"""Writes golden fixtures: small files of named arrays that Tests/GoldenTests/Fixture.swift reads.

The format, all little endian, without padding:

    magic     8 bytes   "GRMDGOLD"
    version   u32       1
    count     u32       number of entries
    entry     repeated  u16 length of the name, the name in UTF-8,
                        u8 element type, u8 rank, rank x u32 dimensions, then the elements

Element types:

    0 f32    1 f64    2 u32    3 u16 (token ids, if all are below 65,536)
    4 text   rank 1; each string is a u32 length in bytes and its UTF-8 (NUL is allowed in it)

Lists of unequal length (token ids of several strings) are two entries: NAME holds all values one
after the other, NAME.offsets holds count + 1 positions; list i is [offsets[i], offsets[i + 1]).

Every fixture has these entries: `generator` (programs and versions), `seed`, `model.file`,
`model.sha256`, `derivation` (where it says how its tolerances were made).
"""

import hashlib
import os
import struct
from importlib import metadata

import numpy as np

MAGIC = b"GRMDGOLD"
VERSION = 1
ELEMENT_TYPES = {np.dtype("<f4"): 0, np.dtype("<f8"): 1, np.dtype("<u4"): 2, np.dtype("<u2"): 3}
TEXT = 4


def generator():
    """Names this program and the libraries that the numbers come from, with their versions."""
    libraries = ["torch", "transformers", "gguf", "tokenizers", "numpy"]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in libraries)
    return f"tools/golden, fixture version {VERSION}; {versions}"


def sha256(path):
    """The SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Fixture:
    """The entries of one fixture file, in the order in which they were added."""

    def __init__(self, model_path, seed, derivation):
        self.entries = []
        self.text("generator", [generator()])
        self.array("seed", [seed], "<u4")
        self.text("model.file", [os.path.basename(model_path)])
        self.text("model.sha256", [sha256(model_path)])
        self.text("derivation", [derivation])

    def array(self, name, values, dtype="<f4"):
        """Adds an array of numbers; its shape is kept."""
        values = np.asarray(values)
        if np.dtype(dtype).kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"{name}: expected finite numbers, found infinity or NaN")
        values = np.ascontiguousarray(values, dtype=dtype)
        self._append(name, ELEMENT_TYPES[values.dtype], values.shape, values.tobytes())

    def tokens(self, name, ids):
        """Adds token ids, in two bytes each if they fit."""
        self.array(name, ids, "<u2" if np.max(ids, initial=0) < 1 << 16 else "<u4")

    def text(self, name, strings):
        """Adds a list of strings."""
        coded = [string.encode("utf-8") for string in strings]
        payload = b"".join(struct.pack("<I", len(item)) + item for item in coded)
        self._append(name, TEXT, [len(strings)], payload)

    def lists(self, name, lists):
        """Adds lists of token ids of unequal length as two entries, NAME and NAME.offsets."""
        offsets = np.cumsum([0] + [len(item) for item in lists])
        self.tokens(name, np.concatenate([np.asarray(item, np.int64) for item in lists]))
        self.array(name + ".offsets", offsets, "<u4")

    def write(self, path):
        """Writes the file and prints its name and length."""
        content = MAGIC + struct.pack("<II", VERSION, len(self.entries)) + b"".join(self.entries)
        with open(path, "wb") as file:
            file.write(content)
        print(f"wrote {path}: {len(self.entries)} entries, {len(content):,} bytes", flush=True)

    def _append(self, name, element_type, shape, payload):
        coded = name.encode("utf-8")
        header = struct.pack("<H", len(coded)) + coded
        header += struct.pack("<BB", element_type, len(shape))
        header += struct.pack(f"<{len(shape)}I", *shape)
        self.entries.append(header + payload)
