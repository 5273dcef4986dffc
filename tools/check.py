"""Runs the stages of tools/check. Started by that script, in the root of the checkout."""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

NOT_RUN = 77  # exit status of a stage that cannot run on this machine (the last line says why)
TAIL_LINES = 60  # of the log of a failing stage
HEARTBEAT_SECONDS = 30  # between signs of life when the output is not a terminal
FAST_PACKAGE = Path(".build-fast/package")  # the same sources without gRPC


@dataclass(frozen=True)
class Stage:
    """One line of the report: a command, and the command that mends what it finds."""

    name: str
    command: list
    fix: str
    needs: str = ""  # a stage that must have passed
    has_tests: bool = False
    environment: dict = field(default_factory=dict)


@dataclass
class Result:
    stage: Stage
    outcome: str  # passed, failed, not run
    seconds: float
    passed: int = 0
    failed: int = 0
    reason: str = ""


def full_stages(run_all):
    """The stages of `tools/check`, in order. One configuration, so that gRPC is compiled once."""
    swift_test = ["swift", "test", "-c", "release", "--skip-build"]
    slow = r"^(ProcessTests|FaultTests)\."
    processes = slow if run_all else r"^ProcessTests\."
    return common_stages() + [
        Stage("build", ["tools/build"], "mend what the compiler names", needs="setup"),
        Stage("model", ["tools/model"], "tools/model", needs="setup"),
        # The real model is for the golden tests, which run where they know where it lies.
        Stage("units", swift_test + ["--skip", slow], " ".join(swift_test), "build", True,
              {"GRMD_MODEL": str(Path(".build/model/SmolLM2-135M-Instruct.Q4_1.gguf").resolve())}),
        Stage("processes", swift_test + ["--no-parallel", "--filter", processes],
              " ".join(swift_test + ["--filter", f"'{processes}'"]), "build", True,
              {"GRMD_KILL_ROUNDS": "500"} if run_all else {}),
        Stage("python client", ["tools/python-client-test"], "tools/python-client-test", "build",
              True, {"GRMD_LOAD_REQUESTS": "200"} if run_all else {}),
        Stage("python package", ["tools/python/test"], "tools/python/test", "build", True),
        Stage("systemd", ["tools/systemd/test"], "tools/systemd/test", "build", True),
        Stage("generated code", ["tools/protos", "--check"], "tools/protos", needs="setup"),
    ] + (sanitizer_stages() + [training_stage()] if run_all else [])


def training_stage():
    """Every stage of tools/spct on a tiny judge, on the CPU: minutes, and PyTorch once."""
    return Stage("training", ["tools/spct-check"], "tools/spct-check --keep", "build", True)


def sanitizer_stages():
    """The kernels under the address and undefined-behaviour sanitizers; the engine under the thread
    sanitizer, in debug: races are in the source, not in the optimiser's work."""
    where = ["--package-path", str(FAST_PACKAGE), "--scratch-path", ".build-tsan"]
    suites = r"^KernelsTests\.ComputePool|^InferenceTests\.(Engine|BatchInvariance|KeyValueTree)"
    test = ["swift", "test", *where, "--sanitize=thread", "--filter", suites]
    known = Path("tools/thread-sanitizer.txt").resolve()
    kernels = ["tools/kernels-check", "--sanitize"]
    return [
        Stage("kernel memory", kernels, " ".join(kernels), "setup"),
        Stage("engine threads", test, "tools/check --all --only 'engine threads'", "setup", True,
              {"GRMD_FAST": "1", "TSAN_OPTIONS": f"suppressions={known}"}),
    ]


def fast_stages():
    """The stages of `tools/check --fast`: a package of its own folder, without gRPC, in debug."""
    where = ["--package-path", str(FAST_PACKAGE), "--scratch-path", ".build-fast/build"]
    build = ["swift", "build", *where, "--build-tests"]
    test = ["swift", "test", *where, "--skip-build"]
    fast = {"GRMD_FAST": "1"}
    return common_stages() + [
        Stage("build", build, "mend what the compiler names", "setup", environment=fast),
        Stage("units", test, "tools/check --fast --only build,units", "build", True, fast),
    ]


def common_stages():
    tools = [sys.executable, "-m", "unittest", "discover", "-s", "tools/tests"]
    return [
        Stage("setup", ["tools/setup"], "tools/setup"),
        Stage("format", ["tools/format", "--check"],
              "tools/format, then by hand what it cannot mend", needs="setup"),
        Stage("tidy", [sys.executable, "tools/tidy.py"], "mend the lines that tools/tidy.py names"),
        Stage("tools", tools, "python3 -m unittest discover -s tools/tests", has_tests=True),
    ]


def count_tests(log):
    """(passed, failed) summed over every test summary in `log`: Swift Testing, unittest, ours."""
    passed = failed = 0
    for line in re.findall(r"^. Test run with .*$", log, re.M):
        total = int(re.search(r"with (\d+) test", line).group(1))
        bad = len(re.findall(r"^✘ Test (?!run |case ).* failed after", log, re.M))
        skipped = len(re.findall(r"^➜ Test (?!case ).* skipped", log, re.M))
        passed, failed = passed + total - bad - skipped, failed + bad
    for total, verdict in re.findall(r"^Ran (\d+) tests? in .*\n\n(.*)$", log, re.M):
        numbers = dict(re.findall(r"(failures|errors|skipped)=(\d+)", verdict))
        bad = int(numbers.get("failures", 0)) + int(numbers.get("errors", 0))
        passed += int(total) - bad - int(numbers.get("skipped", 0))
        failed += bad
    for good, bad in re.findall(r"^(\d+) passed, (\d+) failed$", log, re.M):
        passed, failed = passed + int(good), failed + int(bad)
    return passed, failed


def last_line(path):
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 400))
        lines = log.read().decode("utf-8", "replace").replace("\r", "\n").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def watch(process, stage, log):
    """Waits for `process`, showing on one line how long it has run and what it does now."""
    start = shown = time.monotonic()
    terminal = sys.stdout.isatty()
    while True:
        try:
            process.wait(0.5 if terminal else 2)
            break
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        progress = f"{stage.name:<16}{now - start:5.0f} s   {last_line(log)}"
        if terminal:
            width = os.get_terminal_size().columns - 1
            print(f"\r\x1b[K{progress[:width]}", end="", flush=True)
        elif now - shown >= HEARTBEAT_SECONDS:
            shown = now
            print(f"  ... {progress[:120]}", flush=True)
    if terminal:
        print("\r\x1b[K", end="")
    return time.monotonic() - start


def excerpt(lines):
    """The end of a log, and before it the lines further up that say what went wrong."""
    wrong = [line for line in lines[:-TAIL_LINES] if re.search(r"error:|^✘ |^FAIL|: found ", line)]
    return wrong[:TAIL_LINES] + (["..."] if wrong else []) + lines[-TAIL_LINES:]


def run(stage, logs, run_all):
    log = logs / (stage.name.replace(" ", "-") + ".log")
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no", **stage.environment}
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(stage.command, stdout=out, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, env=environment)
        except OSError as error:
            print(f"    {error}")
            return Result(stage, "failed", 0, failed=1, reason=f"cannot run {stage.command[0]}")
        try:
            seconds = watch(process, stage, log)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    text = log.read_text("utf-8", "replace")
    passed, failed = count_tests(text) if stage.has_tests else (0, 0)
    if process.returncode == NOT_RUN and not run_all:
        return Result(stage, "not run", seconds, passed, failed, last_line(log))
    reason = ""
    if process.returncode != 0:
        reason = f"exit status {process.returncode}"
    elif failed:
        reason = f"{failed} failed"
    elif stage.has_tests and passed == 0:
        reason = "expected tests, found none"
    if not reason:
        return Result(stage, "passed", seconds, passed)
    print("\n".join(f"    {line}" for line in excerpt(text.splitlines())))
    print(f"    ({reason}; the whole log: {log})")
    return Result(stage, "failed", seconds, passed, max(failed, 1), reason)


def run_stages(stages, logs, run_all):
    results = []
    for stage in stages:
        before = {result.stage.name: result.outcome for result in results}
        if before.get(stage.needs, "passed") != "passed":
            result = Result(stage, "not run", 0, reason=f"{stage.needs} did not pass")
        else:
            result = run(stage, logs, run_all)
        tests = f"   {result.passed} tests" if result.passed else ""
        reason = f"   {result.reason}" if result.outcome == "not run" else ""
        print(f"{stage.name:<16}{result.seconds:5.0f} s   {result.outcome}{tests}{reason}",
              flush=True)
        results.append(result)
    return results


def prepare_fast_package():
    """A folder with the same sources and its own Package.resolved: that of the root has gRPC."""
    FAST_PACKAGE.mkdir(parents=True, exist_ok=True)
    for name in ("Package.swift", "Sources", "Tests"):
        link = FAST_PACKAGE / name
        if not link.is_symlink():
            link.symlink_to(Path("../..") / name)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tools/check", description="The gate of the project.")
    parser.add_argument("--fast", action="store_true", help="without gRPC, in debug")
    parser.add_argument("--all", action="store_true", help="also long fault tests and sanitizers")
    parser.add_argument("--only", default="", metavar="NAME[,...]", help="the named stages")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    stages = fast_stages() if arguments.fast else full_stages(arguments.all)
    wanted = [name for name in arguments.only.split(",") if name]
    unknown = set(wanted) - {stage.name for stage in stages}
    if unknown:
        names = ", ".join(stage.name for stage in stages)
        sys.exit(f"tools/check: expected stages among {names}; found {', '.join(sorted(unknown))}")
    if arguments.fast or arguments.all:
        prepare_fast_package()
    logs = Path(".build-fast/check" if arguments.fast else ".build/check")
    logs.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    results = run_stages([s for s in stages if not wanted or s.name in wanted], logs, arguments.all)

    print(f"{'all':<16}{time.monotonic() - start:5.0f} s")
    bad = [result for result in results if result.outcome == "failed"]
    for result in bad:
        print(f"FAILED {result.stage.name}: {result.reason}. To mend: {result.stage.fix}")
    passed, failed = (sum(getattr(r, key) for r in results) for key in ("passed", "failed"))
    print(f"{passed} passed, {failed} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
