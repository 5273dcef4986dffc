"""What was judged already: a run that is broken off goes on where it was."""

import hashlib
import json
import threading
from pathlib import Path


class Records:
    """One file of JSON lines, each a key and a value. A last line that a kill cut off is dropped."""

    def __init__(self, path, fresh=False):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._values = {}
        if fresh:
            self.path.unlink(missing_ok=True)
        kept = 0
        if self.path.exists():
            for line in self.path.read_bytes().splitlines(keepends=True):
                try:
                    key, value = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                self._values[key] = value
                kept += len(line)
            with self.path.open("r+b") as file:
                file.truncate(kept)
        self._file = self.path.open("a", encoding="utf-8")

    def __contains__(self, key):
        return key in self._values

    def __getitem__(self, key):
        return self._values[key]

    def get(self, key, measure):
        """What is known under the key; else what `measure` gives, which is kept."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = measure()
        with self._lock:
            self._values[key] = value
            self._file.write(json.dumps([key, value]) + "\n")
            self._file.flush()
        return value

    def close(self):
        self._file.close()


def key_of(message, *parts):
    """The key of a request: all that it says, and what else the answer depends on."""
    digest = hashlib.sha256(message.SerializeToString(deterministic=True))
    for part in parts:
        digest.update(b"\0" + str(part).encode())
    return digest.hexdigest()[:32]


def digest_of(paths):
    """A digest of files, and of all files in folders: of their names and of what is in them."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(file.name.encode() + b"\0" + str(file.stat().st_size).encode() + b"\0")
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()
