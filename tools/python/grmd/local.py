"""A grmd of one's own: for tests, measurements and training runs that need no system's daemon."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 40


class LocalFailure(Exception):
    """A program of grmd that did not do what it was asked, and what it said."""


class LocalGrmd:
    """A state folder, and the daemon that serves from it while the value is entered.

    `programs`: the folder of grmd and grmctl. `state`: a folder that is kept; unset, one that goes
    with the value. `settings`: by the names of grmd's configuration file.
    """

    def __init__(self, programs: str | Path, state: str | Path | None = None,
                 settings: Mapping[str, object] | None = None):
        self.programs = Path(programs).resolve()
        # The path of a socket has room for 107 bytes, which rules out deep folders.
        self.folder = Path(tempfile.mkdtemp(prefix="grmd-"))
        self.state = Path(state).resolve() if state else self.folder / "state"
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "score.sock"

    @property
    def admin_socket(self) -> Path:
        return self.folder / "admin.sock"

    @property
    def log(self) -> Path:
        return self.folder / "grmd.log"

    def __enter__(self) -> LocalGrmd:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops the daemon and removes what is temporary."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, *arguments: object) -> str:
        """Runs grmctl on this state; its output."""
        command = [str(self.programs / "grmctl"), "--state", str(self.state),
                   "--socket", str(self.socket), "--admin-socket", str(self.admin_socket),
                   *(str(each) for each in arguments)]
        self.state.mkdir(parents=True, exist_ok=True)
        result = subprocess.run(command, capture_output=True, text=True, check=False,
                                env=environment())
        if result.returncode != 0:
            verb = " ".join(str(each) for each in arguments[:2])
            raise LocalFailure(f"grmctl {verb}: exit code {result.returncode}: "
                               f"{result.stderr.strip() or result.stdout.strip()}")
        return result.stdout

    def start(self) -> None:
        """Starts the daemon and returns when it serves."""
        self.state.mkdir(parents=True, exist_ok=True)
        notify = self.folder / "notify"
        notify.unlink(missing_ok=True)
        settings = {"cache_directory": self.folder / "cache", **self.settings}
        command = [str(self.programs / "grmd"), "--state", str(self.state),
                   "--scoring-socket", str(self.socket), "--admin-socket", str(self.admin_socket)]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(notify))
            listener.settimeout(1)
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL,
                                                env=environment(NOTIFY_SOCKET=str(notify)))
            self._await_ready(listener)

    def _await_ready(self, listener: socket.socket) -> None:
        process = self.process
        end = time.monotonic() + START_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < end:
            try:
                if b"READY=1" in listener.recv(4096):
                    return
            except TimeoutError:
                pass
        self.stop()
        raise LocalFailure(f"grmd does not start: {self.log_end() or 'it says nothing'}")

    def stop(self) -> None:
        """Ends the daemon as a supervisor does."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def log_end(self, size: int = 2000) -> str:
        """The last of what the daemon wrote."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return text[-size:].strip()


def environment(**more: str) -> dict[str, str]:
    """The environment of grmd's programs: nothing that a user's shell sets changes what they do."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("OPENBLAS_", "OMP_", "GRMD_"))}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no", **more}
