from . import scoring_pb2 as _scoring_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_LOADING: _ClassVar[Phase]
    PHASE_SERVING: _ClassVar[Phase]
    PHASE_DRAINING: _ClassVar[Phase]
    PHASE_STOPPED: _ClassVar[Phase]
PHASE_UNSPECIFIED: Phase
PHASE_LOADING: Phase
PHASE_SERVING: Phase
PHASE_DRAINING: Phase
PHASE_STOPPED: Phase

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("phase", "daemon_version", "process_id", "uptime_seconds", "deployment", "counters", "load", "state_directory", "scoring_socket", "limits", "kernels", "blas", "compute_threads", "reward_health")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    DAEMON_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    COUNTERS_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    STATE_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    SCORING_SOCKET_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    KERNELS_FIELD_NUMBER: _ClassVar[int]
    BLAS_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_THREADS_FIELD_NUMBER: _ClassVar[int]
    REWARD_HEALTH_FIELD_NUMBER: _ClassVar[int]
    phase: Phase
    daemon_version: str
    process_id: int
    uptime_seconds: float
    deployment: Deployment
    counters: Counters
    load: Load
    state_directory: str
    scoring_socket: str
    limits: Limits
    kernels: str
    blas: str
    compute_threads: int
    reward_health: RewardHealth
    def __init__(self, phase: _Optional[_Union[Phase, str]] = ..., daemon_version: _Optional[str] = ..., process_id: _Optional[int] = ..., uptime_seconds: _Optional[float] = ..., deployment: _Optional[_Union[Deployment, _Mapping]] = ..., counters: _Optional[_Union[Counters, _Mapping]] = ..., load: _Optional[_Union[Load, _Mapping]] = ..., state_directory: _Optional[str] = ..., scoring_socket: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., kernels: _Optional[str] = ..., blas: _Optional[str] = ..., compute_threads: _Optional[int] = ..., reward_health: _Optional[_Union[RewardHealth, _Mapping]] = ...) -> None: ...

class RewardHealth(_message.Message):
    __slots__ = ("decisions", "ties", "position_effect", "position_pairs", "scores", "scores_high", "judgments", "judgments_unparsable", "judgments_truncated", "k_histogram", "judgments_saved", "tokens_saved", "principle_hits", "principle_misses", "meta_histogram", "flags")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    TIES_FIELD_NUMBER: _ClassVar[int]
    POSITION_EFFECT_FIELD_NUMBER: _ClassVar[int]
    POSITION_PAIRS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SCORES_HIGH_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_UNPARSABLE_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    K_HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_SAVED_FIELD_NUMBER: _ClassVar[int]
    TOKENS_SAVED_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_HITS_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_MISSES_FIELD_NUMBER: _ClassVar[int]
    META_HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    decisions: int
    ties: int
    position_effect: float
    position_pairs: int
    scores: int
    scores_high: int
    judgments: int
    judgments_unparsable: int
    judgments_truncated: int
    k_histogram: _containers.RepeatedCompositeFieldContainer[Bin]
    judgments_saved: int
    tokens_saved: int
    principle_hits: int
    principle_misses: int
    meta_histogram: _containers.RepeatedCompositeFieldContainer[Bin]
    flags: _containers.RepeatedCompositeFieldContainer[FlagCount]
    def __init__(self, decisions: _Optional[int] = ..., ties: _Optional[int] = ..., position_effect: _Optional[float] = ..., position_pairs: _Optional[int] = ..., scores: _Optional[int] = ..., scores_high: _Optional[int] = ..., judgments: _Optional[int] = ..., judgments_unparsable: _Optional[int] = ..., judgments_truncated: _Optional[int] = ..., k_histogram: _Optional[_Iterable[_Union[Bin, _Mapping]]] = ..., judgments_saved: _Optional[int] = ..., tokens_saved: _Optional[int] = ..., principle_hits: _Optional[int] = ..., principle_misses: _Optional[int] = ..., meta_histogram: _Optional[_Iterable[_Union[Bin, _Mapping]]] = ..., flags: _Optional[_Iterable[_Union[FlagCount, _Mapping]]] = ...) -> None: ...

class Bin(_message.Message):
    __slots__ = ("least", "count")
    LEAST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    least: float
    count: int
    def __init__(self, least: _Optional[float] = ..., count: _Optional[int] = ...) -> None: ...

class FlagCount(_message.Message):
    __slots__ = ("flag", "count")
    FLAG_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    flag: _scoring_pb2.ResponseFlag
    count: int
    def __init__(self, flag: _Optional[_Union[_scoring_pb2.ResponseFlag, str]] = ..., count: _Optional[int] = ...) -> None: ...

class Deployment(_message.Message):
    __slots__ = ("number", "grm", "meta_rm", "activated_unix_seconds", "activated_by_uid", "reason")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    GRM_FIELD_NUMBER: _ClassVar[int]
    META_RM_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_BY_UID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    number: int
    grm: _scoring_pb2.VersionReference
    meta_rm: _scoring_pb2.VersionReference
    activated_unix_seconds: int
    activated_by_uid: int
    reason: str
    def __init__(self, number: _Optional[int] = ..., grm: _Optional[_Union[_scoring_pb2.VersionReference, _Mapping]] = ..., meta_rm: _Optional[_Union[_scoring_pb2.VersionReference, _Mapping]] = ..., activated_unix_seconds: _Optional[int] = ..., activated_by_uid: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Counters(_message.Message):
    __slots__ = ("requests", "requests_ok", "requests_refused", "requests_failed", "requests_cancelled", "requests_deadline", "judgments_scored", "judgments_unparsable", "judgments_truncated", "samples_cancelled", "bad_logits", "prompt_tokens", "prompt_tokens_computed", "generated_tokens", "engine_steps", "swaps")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_OK_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_REFUSED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_DEADLINE_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_SCORED_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_UNPARSABLE_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    BAD_LOGITS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_COMPUTED_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_STEPS_FIELD_NUMBER: _ClassVar[int]
    SWAPS_FIELD_NUMBER: _ClassVar[int]
    requests: int
    requests_ok: int
    requests_refused: int
    requests_failed: int
    requests_cancelled: int
    requests_deadline: int
    judgments_scored: int
    judgments_unparsable: int
    judgments_truncated: int
    samples_cancelled: int
    bad_logits: int
    prompt_tokens: int
    prompt_tokens_computed: int
    generated_tokens: int
    engine_steps: int
    swaps: int
    def __init__(self, requests: _Optional[int] = ..., requests_ok: _Optional[int] = ..., requests_refused: _Optional[int] = ..., requests_failed: _Optional[int] = ..., requests_cancelled: _Optional[int] = ..., requests_deadline: _Optional[int] = ..., judgments_scored: _Optional[int] = ..., judgments_unparsable: _Optional[int] = ..., judgments_truncated: _Optional[int] = ..., samples_cancelled: _Optional[int] = ..., bad_logits: _Optional[int] = ..., prompt_tokens: _Optional[int] = ..., prompt_tokens_computed: _Optional[int] = ..., generated_tokens: _Optional[int] = ..., engine_steps: _Optional[int] = ..., swaps: _Optional[int] = ...) -> None: ...

class Load(_message.Message):
    __slots__ = ("requests_admitted", "samples_running", "samples_waiting", "kv_bytes", "admitted_tokens")
    REQUESTS_ADMITTED_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_RUNNING_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_WAITING_FIELD_NUMBER: _ClassVar[int]
    KV_BYTES_FIELD_NUMBER: _ClassVar[int]
    ADMITTED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    requests_admitted: int
    samples_running: int
    samples_waiting: int
    kv_bytes: int
    admitted_tokens: int
    def __init__(self, requests_admitted: _Optional[int] = ..., samples_running: _Optional[int] = ..., samples_waiting: _Optional[int] = ..., kv_bytes: _Optional[int] = ..., admitted_tokens: _Optional[int] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("requests", "tokens", "responses", "samples", "request_bytes", "context_tokens")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_BYTES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    requests: int
    tokens: int
    responses: int
    samples: int
    request_bytes: int
    context_tokens: int
    def __init__(self, requests: _Optional[int] = ..., tokens: _Optional[int] = ..., responses: _Optional[int] = ..., samples: _Optional[int] = ..., request_bytes: _Optional[int] = ..., context_tokens: _Optional[int] = ...) -> None: ...

class ListVersionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListVersionsReply(_message.Message):
    __slots__ = ("versions",)
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[VersionSummary]
    def __init__(self, versions: _Optional[_Iterable[_Union[VersionSummary, _Mapping]]] = ...) -> None: ...

class VersionSummary(_message.Message):
    __slots__ = ("name", "digest", "architecture", "parameters", "bytes", "imported_unix_seconds", "active", "source", "licence", "parent")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    architecture: str
    parameters: int
    bytes: int
    imported_unix_seconds: int
    active: bool
    source: str
    licence: str
    parent: str
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., architecture: _Optional[str] = ..., parameters: _Optional[int] = ..., bytes: _Optional[int] = ..., imported_unix_seconds: _Optional[int] = ..., active: _Optional[bool] = ..., source: _Optional[str] = ..., licence: _Optional[str] = ..., parent: _Optional[str] = ...) -> None: ...

class ShowVersionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ShowVersionReply(_message.Message):
    __slots__ = ("summary", "details", "tensors")
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    TENSORS_FIELD_NUMBER: _ClassVar[int]
    summary: VersionSummary
    details: _containers.ScalarMap[str, str]
    tensors: _containers.RepeatedCompositeFieldContainer[TensorSummary]
    def __init__(self, summary: _Optional[_Union[VersionSummary, _Mapping]] = ..., details: _Optional[_Mapping[str, str]] = ..., tensors: _Optional[_Iterable[_Union[TensorSummary, _Mapping]]] = ...) -> None: ...

class TensorSummary(_message.Message):
    __slots__ = ("name", "format", "shape", "bytes", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    format: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    bytes: int
    digest: str
    def __init__(self, name: _Optional[str] = ..., format: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., bytes: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class ActivateRequest(_message.Message):
    __slots__ = ("grm", "meta_rm", "reason")
    GRM_FIELD_NUMBER: _ClassVar[int]
    META_RM_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    grm: str
    meta_rm: str
    reason: str
    def __init__(self, grm: _Optional[str] = ..., meta_rm: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ActivateReply(_message.Message):
    __slots__ = ("deployment", "previous", "seconds")
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    deployment: Deployment
    previous: Deployment
    seconds: float
    def __init__(self, deployment: _Optional[_Union[Deployment, _Mapping]] = ..., previous: _Optional[_Union[Deployment, _Mapping]] = ..., seconds: _Optional[float] = ...) -> None: ...

class RollbackRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class ReloadRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReloadReply(_message.Message):
    __slots__ = ("changed", "needs_restart")
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    NEEDS_RESTART_FIELD_NUMBER: _ClassVar[int]
    changed: _containers.RepeatedScalarFieldContainer[str]
    needs_restart: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, changed: _Optional[_Iterable[str]] = ..., needs_restart: _Optional[_Iterable[str]] = ...) -> None: ...

class DrainRequest(_message.Message):
    __slots__ = ("seconds_max",)
    SECONDS_MAX_FIELD_NUMBER: _ClassVar[int]
    seconds_max: float
    def __init__(self, seconds_max: _Optional[float] = ...) -> None: ...

class DrainReply(_message.Message):
    __slots__ = ("requests_left",)
    REQUESTS_LEFT_FIELD_NUMBER: _ClassVar[int]
    requests_left: int
    def __init__(self, requests_left: _Optional[int] = ...) -> None: ...

class PrincipleEntry(_message.Message):
    __slots__ = ("key", "set_id", "principles", "meta_score", "uses", "pinned", "created_unix_seconds", "last_used_unix_seconds", "grm_digest", "template_digest", "responses_seen")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SET_ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    META_SCORE_FIELD_NUMBER: _ClassVar[int]
    USES_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    CREATED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_UNIX_SECONDS_FIELD_NUMBER: _ClassVar[int]
    GRM_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_SEEN_FIELD_NUMBER: _ClassVar[int]
    key: str
    set_id: str
    principles: _containers.RepeatedCompositeFieldContainer[_scoring_pb2.Principle]
    meta_score: float
    uses: int
    pinned: bool
    created_unix_seconds: int
    last_used_unix_seconds: int
    grm_digest: str
    template_digest: str
    responses_seen: bool
    def __init__(self, key: _Optional[str] = ..., set_id: _Optional[str] = ..., principles: _Optional[_Iterable[_Union[_scoring_pb2.Principle, _Mapping]]] = ..., meta_score: _Optional[float] = ..., uses: _Optional[int] = ..., pinned: _Optional[bool] = ..., created_unix_seconds: _Optional[int] = ..., last_used_unix_seconds: _Optional[int] = ..., grm_digest: _Optional[str] = ..., template_digest: _Optional[str] = ..., responses_seen: _Optional[bool] = ...) -> None: ...

class ListPrinciplesRequest(_message.Message):
    __slots__ = ("key_prefix", "count_max", "page_token")
    KEY_PREFIX_FIELD_NUMBER: _ClassVar[int]
    COUNT_MAX_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    key_prefix: str
    count_max: int
    page_token: str
    def __init__(self, key_prefix: _Optional[str] = ..., count_max: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPrinciplesReply(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[PrincipleEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[PrincipleEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ShowPrinciplesRequest(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class ShowPrinciplesReply(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[PrincipleEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[PrincipleEntry, _Mapping]]] = ...) -> None: ...

class PinPrinciplesRequest(_message.Message):
    __slots__ = ("key", "set_id", "pinned")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SET_ID_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    key: str
    set_id: str
    pinned: bool
    def __init__(self, key: _Optional[str] = ..., set_id: _Optional[str] = ..., pinned: _Optional[bool] = ...) -> None: ...

class PinPrinciplesReply(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: PrincipleEntry
    def __init__(self, entry: _Optional[_Union[PrincipleEntry, _Mapping]] = ...) -> None: ...

class EditPrinciplesRequest(_message.Message):
    __slots__ = ("key", "set_id", "principles")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SET_ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    key: str
    set_id: str
    principles: _containers.RepeatedCompositeFieldContainer[_scoring_pb2.Principle]
    def __init__(self, key: _Optional[str] = ..., set_id: _Optional[str] = ..., principles: _Optional[_Iterable[_Union[_scoring_pb2.Principle, _Mapping]]] = ...) -> None: ...

class EditPrinciplesReply(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: PrincipleEntry
    def __init__(self, entry: _Optional[_Union[PrincipleEntry, _Mapping]] = ...) -> None: ...

class DeletePrinciplesRequest(_message.Message):
    __slots__ = ("key", "set_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SET_ID_FIELD_NUMBER: _ClassVar[int]
    key: str
    set_id: str
    def __init__(self, key: _Optional[str] = ..., set_id: _Optional[str] = ...) -> None: ...

class DeletePrinciplesReply(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    def __init__(self, deleted: _Optional[int] = ...) -> None: ...

class ExportPrinciplesRequest(_message.Message):
    __slots__ = ("key_prefix",)
    KEY_PREFIX_FIELD_NUMBER: _ClassVar[int]
    key_prefix: str
    def __init__(self, key_prefix: _Optional[str] = ...) -> None: ...

class ImportPrinciplesReply(_message.Message):
    __slots__ = ("imported", "refused")
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    imported: int
    refused: int
    def __init__(self, imported: _Optional[int] = ..., refused: _Optional[int] = ...) -> None: ...

class PrincipleStatsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PrincipleStatsReply(_message.Message):
    __slots__ = ("keys", "sets", "bytes", "bytes_max", "hits", "misses", "evictions", "rebuilds")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    SETS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    MISSES_FIELD_NUMBER: _ClassVar[int]
    EVICTIONS_FIELD_NUMBER: _ClassVar[int]
    REBUILDS_FIELD_NUMBER: _ClassVar[int]
    keys: int
    sets: int
    bytes: int
    bytes_max: int
    hits: int
    misses: int
    evictions: int
    rebuilds: int
    def __init__(self, keys: _Optional[int] = ..., sets: _Optional[int] = ..., bytes: _Optional[int] = ..., bytes_max: _Optional[int] = ..., hits: _Optional[int] = ..., misses: _Optional[int] = ..., evictions: _Optional[int] = ..., rebuilds: _Optional[int] = ...) -> None: ...
