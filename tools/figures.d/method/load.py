"""Load on a running grmd, made by processes of their own: what they compute is not ours to wait for."""

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from report import FiguresFailure

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Call:
    """One call: when it was sent, how long it took, and what came of it."""

    sent: float
    seconds: float
    outcome: str

    @property
    def end(self):
        return self.sent + self.seconds


class Load:
    """A process that offers requests; see offer.py."""

    def __init__(self, local, messages, connections=4, **how):
        order = {"socket": str(local.socket), "connections": connections, **how,
                 "requests": [base64.b64encode(each.SerializeToString()).decode()
                              for each in messages]}
        paths = [str(ROOT / "tools" / "python"), str(Path(__file__).resolve().parents[1])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "method.offer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()

    def stop(self):
        """Ends it without its results."""
        self.process.kill()
        self.process.stdout.close()
        self.process.wait()

    def calls(self):
        """What came of all calls, once the last one has ended."""
        text = self.process.stdout.read()
        self.process.stdout.close()
        if self.process.wait() != 0:
            raise FiguresFailure("the process that offers requests ended with an error")
        return [Call(*each) for each in json.loads(text)]


def replies_by_block(calls, begin, end, block):
    """Replies a second in each whole block of time from begin to end. A reply counts over all the
    time of its call: requests that run together end together, and who counted the ends alone would
    measure where the blocks begin."""
    count = max(1, int((end - begin) / block))
    sums = [0.0] * count
    for call in calls:
        if call.outcome != "reply":
            continue
        for place in range(count):
            start = begin + place * block
            shared = min(call.end, start + block) - max(call.sent, start)
            if shared > 0:
                sums[place] += shared / call.seconds
    return [each / block for each in sums]
