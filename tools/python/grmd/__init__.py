"""A client of grmd, the daemon that judges responses of language models.

    from grmd import Client

    with Client() as grmd:
        verdict = grmd.score("What is the capital of France?", ["Paris.", "Lyon."], k=8, seed=7)
    print(verdict.best, verdict.means)
"""

from grmd.client import AsyncClient, Client
from grmd.errors import (Cancelled, DeadlineExceeded, GrmdError, InvalidRequest, JudgeFailed,
                         NotSupported, Overloaded, Unavailable, VersionMismatch)
from grmd.names import (ErrorCode, Flag, HostileInputs, Mode, Outcome, Part, PrincipleReuse,
                        PrincipleSource, PrincipleWriting, Readout, Role, Stopping, StopReason,
                        WarningCode)
from grmd.request import Message, Options, Principle, Response, request
from grmd.verdict import (Judgment, JudgmentPart, PrincipleSet, Score, Timings, Usage, Verdict,
                          VerdictWarning, Version, Versions)

__all__ = [
    "AsyncClient", "Cancelled", "Client", "DeadlineExceeded", "ErrorCode", "Flag", "GrmdError",
    "HostileInputs", "InvalidRequest", "JudgeFailed", "Judgment", "JudgmentPart", "Message", "Mode",
    "NotSupported", "Options", "Outcome", "Overloaded", "Part", "Principle", "PrincipleReuse",
    "PrincipleSet", "PrincipleSource", "PrincipleWriting", "Readout", "Response", "Role", "Score",
    "Stopping", "StopReason", "Timings", "Unavailable", "Usage", "Verdict", "VerdictWarning",
    "Version", "VersionMismatch", "Versions", "WarningCode", "request",
]
