"""The rows about grmd itself: start, memory, the share of the calls, what is computed once."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from engine import prompts
from engine.ours import Engine
from engine.peer import Server
from engine.schedule import TOKENS
from engine.workplace import HOME, ROOT, environment, run as run_program
from report import Figure, FiguresFailure

START_SECONDS = 120


def stubs():
    """Makes Python's gRPC code of Protos/ importable."""
    folder = HOME / "stubs"
    folder.mkdir(parents=True, exist_ok=True)
    run_program([sys.executable, "-m", "grpc_tools.protoc", "-I", ROOT / "Protos",
                 f"--python_out={folder}", f"--grpc_python_out={folder}", "grm/v1/scoring.proto",
                 "grm/v1/admin.proto"], "generating Python code of the protocol")
    sys.path.insert(0, str(folder))


@contextmanager
def running(model, threads):
    """A grmd that serves the model, and the seconds from its start to READY."""
    store = model.store
    folder = Path(f"/tmp/grmd-figures-{os.getpid()}")  # a socket's path may have 107 bytes
    folder.mkdir(exist_ok=True)
    notify, score, admin = folder / "notify", folder / "score.sock", folder / "admin.sock"
    notify.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(notify))
        listener.settimeout(START_SECONDS)
        with (HOME / "grmd.log").open("wb") as log:
            begin = time.monotonic()
            process = subprocess.Popen(
                [store.programs / "grmd", "--state", store.path, "--scoring-socket", score,
                 "--admin-socket", admin, "--set", f"engine.threads={threads}"],
                stdout=log, stderr=log, env=environment(NOTIFY_SOCKET=str(notify)))
        try:
            wait_ready(listener, process)
            yield process, time.monotonic() - begin, f"unix://{score}", f"unix://{admin}"
        finally:
            process.terminate()
            process.wait()
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


def wait_ready(listener, process):
    """Reads what the daemon tells the supervisor until it says READY."""
    listener.settimeout(1)
    for _ in range(START_SECONDS):
        try:
            if b"READY=1" in listener.recv(4096):
                return
        except TimeoutError:
            pass
        if process.poll() is not None:
            break
    raise FiguresFailure(f"grmd does not start: see {HOME / 'grmd.log'}")


def private_bytes(process):
    """Memory that the process alone has and that no file holds."""
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) << 10
    raise FiguresFailure("no Private_Dirty in smaps_rollup")


def activate(model):
    """Makes the model the deployment of the store, without a daemon."""
    run_program([model.store.programs / "grmctl", "--state", model.store.path, "activate",
                 model.version, "--offline", "--reason", "figures"], "grmctl activate")


def score_request(scoring, prompt, responses, k):
    """A request on a bundled prompt: every judgment of its full length, or nearly."""
    return scoring.ScoreRequest(
        conversation=[scoring.Message(role=scoring.ROLE_USER, content=prompt.question)],
        responses=[scoring.Response(content=text) for text in responses], k_min=k, k_max=k,
        stopping=scoring.STOPPING_RULE_FIXED, seed=7, temperature=1, max_judgment_tokens=TOKENS)


def measure(run, model):
    """All rows of this file."""
    stubs()
    activate(model)
    measure_start(run, model)
    measure_calls(run, model)
    measure_sharing(run, model)


def measure_start(run, model):
    """Seconds to READY and private memory, by turns with llama-server."""
    run.clock.step("grmd: start and memory")
    way = model.ways["judgments"]
    ours, peer, memory, peer_memory = [], [], [], []
    context = 4096
    for _ in range(run.schedule.starts):
        with running(model, run.threads) as (process, seconds, _, admin):
            ours.append(seconds)
            memory.append((private_bytes(process) - status(admin).load.kv_bytes) / 1e6)
        with Server(model.file, way, run.threads, 1, context) as server:
            peer.append(server.start_seconds)
            kept = context * model.description["layers"] * model.description["keyValueWidth"] * 4
            peer_memory.append((private_bytes(server.process) - kept) / 1e6)
    conditions = {"model": model.name, "threads": run.threads, "peer": str(way),
                  "page_cache": "warm"}
    run.report.add(Figure.of("exec to READY", ours, "s", **conditions))
    run.report.add(Figure.of("exec to healthy, peer", peer, "s", **conditions))
    run.report.add(Figure.of("exec to READY against the peer",
                             [a / b for a, b in zip(ours, peer)], "x", **conditions).at_most(0.5))
    run.report.add(Figure.of("private memory besides KV at READY", memory, "MB",
                             **conditions).at_most(100))
    run.report.add(Figure.of("private memory besides KV when healthy, peer", peer_memory, "MB",
                             **conditions))


def status(address):
    """The daemon's own account of itself."""
    import grpc
    from grm.v1 import admin_pb2, admin_pb2_grpc
    with grpc.insecure_channel(address) as channel:
        return admin_pb2_grpc.AdminStub(channel).Status(admin_pb2.StatusRequest())


def measure_calls(run, model):
    """How much of a call's time is not the engine's."""
    import grpc
    from grm.v1 import scoring_pb2 as scoring, scoring_pb2_grpc
    run.clock.step("grmd: the call's share of a request with k = 8")
    bundled = [each for each in prompts.all_prompts() if each.length == "800"]
    shares, memory = [], 0
    with running(model, run.threads) as (process, _, address, admin), \
            grpc.insecure_channel(address) as channel:
        stub = scoring_pb2_grpc.ScoringStub(channel)
        stub.Score(score_request(scoring, bundled[-1], bundled[-1].responses, 1))
        for prompt in bundled[:run.schedule.calls]:
            request = score_request(scoring, prompt, prompt.responses, 8)
            begin = time.monotonic()
            times = stub.Score(request).timings
            wall = time.monotonic() - begin
            engine = times.queue_seconds + times.prefill_seconds + times.decode_seconds
            shares.append(100 * (wall - engine) / wall)
        memory = (private_bytes(process) - status(admin).load.kv_bytes) / 1e6
    conditions = {"model": model.name, "k": 8, "threads": run.threads, "tokens": TOKENS,
                  "client": "Python gRPC over a Unix socket"}
    run.report.add(Figure.of("share of the call in a request, k = 8", shares, "%",
                             **conditions).at_most(1))
    run.report.add(Figure.of("private memory besides KV after requests", [memory], "MB",
                             **conditions).at_most(100))


def measure_sharing(run, model, count=16):
    """Prompt tokens computed for requests that share a conversation."""
    run.clock.step(f"{count} requests that share a conversation")
    source = next(each for each in prompts.all_prompts() if each.length == "800")
    pairs = prompts.other_responses(source, count)
    with Engine(model.store, model.version, run.threads) as engine:
        encoded = engine.encode([source.turns_with(each) for each in pairs])
        shared = len(os.path.commonprefix(encoded))
        reports = engine.complete_all([[each[:shared], each[shared:]] for each in encoded], 1, 8)
    computed = sum(each["promptTokensComputed"] for each in reports)
    least = shared + sum(len(each) - shared for each in encoded)
    conditions = {"model": model.name, "requests": count, "shared_tokens": shared,
                  "prompt_tokens": sum(map(len, encoded))}
    run.report.add(Figure.of("prompt tokens computed for 16 requests on one conversation, beyond "
                             "each once", [computed - least], "tokens", **conditions).at_most(0))
    add_calls(run, model, source, pairs)


def add_calls(run, model, source, pairs):
    """The same through the daemon, all requests at once."""
    import grpc
    from grm.v1 import scoring_pb2 as scoring, scoring_pb2_grpc
    with running(model, run.threads) as (_, _, address, _), \
            grpc.insecure_channel(address) as channel, ThreadPoolExecutor(len(pairs)) as pool:
        stub = scoring_pb2_grpc.ScoringStub(channel)
        requests = [score_request(scoring, source, each, 1) for each in pairs]
        replies = list(pool.map(stub.Score, requests))
    total = sum(reply.usage.prompt_tokens for reply in replies)
    computed = sum(reply.usage.prompt_tokens_computed for reply in replies)
    with Engine(model.store, model.version, 1) as engine:
        conversation = len(engine.encode([[["user", source.question]]])[0])
    # At the least what is said in the conversation must not have been computed again.
    again = max(0, computed - (total - (len(pairs) - 1) * conversation))
    run.report.add(Figure.of(
        "the same through grmd: tokens of the conversation computed again", [again], "tokens",
        model=model.name, requests=len(pairs), prompt_tokens=total, computed=computed,
        conversation_tokens=conversation).at_most(0))
