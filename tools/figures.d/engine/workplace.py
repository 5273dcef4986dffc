"""Where a run keeps its things, and how it gets them: programs of ours, tools, compiled C."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from report import FiguresFailure, say

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / ".build"
HOME = BUILD / "figures"
SOURCES = Path(__file__).resolve().parent
PACKAGES = ["cmake==4.4.4", "ninja", "grpcio==1.85.1", "grpcio-tools==1.85.1"]


def environment(**more):
    """The environment of programs of ours: what a user's shell sets must not change a figure."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("OPENBLAS_", "OMP_", "GOMP_", "GGML_", "LLAMA_", "GRMD_"))}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no", **more}


def run(command, why, **options):
    """Runs a command of the set-up; its output is shown only if it fails."""
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False, **options)
    if result.returncode != 0:
        sys.stderr.write(result.stdout[-4000:])
        raise FiguresFailure(f"{why} failed: {' '.join(str(part) for part in command[:4])} ...")
    return result.stdout


def pip_download(requirement, folder, *options):
    """Downloads one package, without what it depends on and without installing it."""
    folder.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", *options, "--dest", folder, requirement], f"the download of {requirement}")


def python():
    """A Python with the packages that the run needs; made once."""
    venv = HOME / "venv"
    program = venv / "bin" / "python"
    if not (venv / "ready").exists():
        say("  Python packages (once)")
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", venv], "the virtual environment")
        run([program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
            "the installation of " + ", ".join(PACKAGES))
        (venv / "ready").touch()
    return program


def our_programs():
    """The folder of grmd, grmctl and grmd-figures in release; built, unless GRMD_BIN names one."""
    if "GRMD_BIN" in os.environ:
        return Path(os.environ["GRMD_BIN"])
    for product in ("grmd", "grmctl", "grmd-figures"):
        say(f"  building {product} in release (the first time takes minutes)")
        run(["swift", "build", "-c", "release", "--product", product], f"the build of {product}",
            cwd=ROOT)
    return BUILD / "release"


def compile_c(name, *options):
    """Compiles a C program that lies beside this file, unless that was done since it changed."""
    source, program = SOURCES / f"{name}.c", HOME / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        compiler = next(filter(shutil.which, ("clang", "gcc", "cc")), None)
        if compiler is None:
            raise FiguresFailure("no C compiler: expected clang, gcc or cc")
        HOME.mkdir(parents=True, exist_ok=True)
        run([compiler, "-O3", "-march=native", "-Wall", "-pthread", source, "-o", program, *options],
            f"compiling {source.name}")
    return program


def last_cache_bytes():
    """The size of the largest cache that one processor reaches."""
    sizes = []
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text().strip()
        sizes.append(int(text[:-1]) << {"K": 10, "M": 20}[text[-1]])
    return max(sizes, default=16 << 20)


def machine():
    """The processor, for the table's heading."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} processors"
    return f"{os.uname().machine}, {os.cpu_count()} processors"


def load():
    """How many processes wanted to run in the last minute: figures ask for a machine of their own."""
    return os.getloadavg()[0]
