"""This project's engine: versions in a store of the run, and the program that runs one."""

import json
import shutil
import subprocess
import time

from engine.workplace import HOME, environment, run
from report import FiguresFailure, say


class Store:
    """A model store for the figures; it lies in .build and can be deleted at any time."""

    def __init__(self, programs):
        self.programs = programs
        self.path = HOME / "state"
        # What another build imported may have another layout.
        found = (programs / "grmctl").stat()
        stamp, current = HOME / "state.of", f"{found.st_size} {found.st_mtime_ns}"
        if not stamp.exists() or stamp.read_text() != current:
            shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True, exist_ok=True)
        stamp.write_text(current)

    def version(self, file, number_format="keep"):
        """The name of a model's version, imported if it is not there."""
        name = f"{file.stem}-{number_format}".lower()
        say(f"  grmctl import {name}")
        run([self.programs / "grmctl", "--state", self.path, "import", file, "--name", name,
             "--format", number_format], f"the import of {file.name}")
        return name

    def weight_bytes(self, name):
        """Bytes of the tensors of a version."""
        text = run([self.programs / "grmctl", "--state", self.path, "list", "--json"], "grmctl list")
        versions = {each["name"]: each for each in json.loads(text)["versions"]}
        return int(versions[name]["bytes"])


class Engine:
    """A running grmd-figures: one version, one thread count."""

    def __init__(self, store, version, threads):
        command = [store.programs / "grmd-figures", "--store", store.path, "--version", version,
                   "--threads", threads]
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment())
        self.model = self.read()["model"]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.wait()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise FiguresFailure("grmd-figures ended; its error stream says why")
        reply = json.loads(line)
        if "error" in reply:
            raise FiguresFailure(f"grmd-figures: {reply['error']}")
        return reply

    def ask(self, command, **fields):
        self.process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
        self.process.stdin.flush()
        return self.read()

    def encode(self, conversations):
        """Token ids of conversations, each a list of [role, content]."""
        turns = [[{"role": role, "content": content} for role, content in each]
                 for each in conversations]
        return self.ask("encode", conversations=turns)["tokens"]

    def complete(self, tokens, samples, count):
        """The same as `Server.complete` of the peer."""
        begin = time.monotonic()
        found = self.complete_all([[tokens]], samples, count)[0]
        seconds = time.monotonic() - begin
        if found["generatedTokens"] != samples * count:
            raise FiguresFailure(f"grmd-figures: expected {samples} x {count} tokens, "
                                 f"found {found['generatedTokens']}")
        return {"seconds": seconds, "prefill_seconds": found["prefillSeconds"],
                "decode_seconds": found["decodeSeconds"], "computed": found["promptTokensComputed"]}

    def complete_all(self, requests, samples, count):
        """Reports of requests that run together, each a list of segments of token ids."""
        return self.ask("complete", requests=requests, samples=samples, tokens=count,
                        temperature=1, seed=7)["requests"]

    def logits(self, prompts, file):
        """Writes the logits after the last token of each prompt as rows of f32."""
        self.ask("logits", prompts=prompts, file=str(file))
