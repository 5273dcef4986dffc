"""An environment of Python with what training needs, for programs that make their own.

Standard library only: it runs before there is anything else.
"""

import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("torch==2.13.0+cpu", "transformers==5.23.0", "peft==0.21.2", "gguf==0.19.0",
            "safetensors==0.8.0", "grpcio==1.85.1", "protobuf==7.36.2")


class SetupFailure(Exception):
    """An environment that cannot be made, and what pip says of it."""


def run(command):
    """Runs a command of the set-up, which is quiet unless it fails."""
    found = subprocess.run([str(part) for part in command], text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if found.returncode:
        raise SetupFailure(f"{' '.join(map(str, command[:4]))} ...: {found.stdout[-2000:].strip()}")


def python(folder, more=()):
    """The Python of the environment in a folder; made once for a list of packages.

    The wheel of PyTorch for the CPU comes from where pip is told to look; the plain one would bring
    gigabytes of another machine's libraries.
    """
    folder, packages = Path(folder), [*PACKAGES, *more]
    program, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists() or ready.read_text() != "\n".join(packages):
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder])
        run([program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
        ready.write_text("\n".join(packages))
    return program
