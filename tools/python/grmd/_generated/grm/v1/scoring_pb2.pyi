from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_SYSTEM: _ClassVar[Role]
    ROLE_USER: _ClassVar[Role]
    ROLE_ASSISTANT: _ClassVar[Role]
    ROLE_TOOL: _ClassVar[Role]

class JudgingMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JUDGING_MODE_UNSPECIFIED: _ClassVar[JudgingMode]
    JUDGING_MODE_LIST: _ClassVar[JudgingMode]
    JUDGING_MODE_ISOLATED: _ClassVar[JudgingMode]
    JUDGING_MODE_PAIRWISE: _ClassVar[JudgingMode]
    JUDGING_MODE_TOKEN_PROBABILITY: _ClassVar[JudgingMode]
    JUDGING_MODE_LIKELIHOOD: _ClassVar[JudgingMode]
    JUDGING_MODE_SCALAR: _ClassVar[JudgingMode]
    JUDGING_MODE_SEMI_SCALAR: _ClassVar[JudgingMode]

class ScoreReadout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCORE_READOUT_UNSPECIFIED: _ClassVar[ScoreReadout]
    SCORE_READOUT_SAMPLED: _ClassVar[ScoreReadout]
    SCORE_READOUT_EXPECTED: _ClassVar[ScoreReadout]

class StoppingRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOPPING_RULE_UNSPECIFIED: _ClassVar[StoppingRule]
    STOPPING_RULE_FIXED: _ClassVar[StoppingRule]
    STOPPING_RULE_EXACT: _ClassVar[StoppingRule]
    STOPPING_RULE_GUARANTEED: _ClassVar[StoppingRule]
    STOPPING_RULE_PREDICTED: _ClassVar[StoppingRule]

class PrincipleReuse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRINCIPLE_REUSE_UNSPECIFIED: _ClassVar[PrincipleReuse]
    PRINCIPLE_REUSE_OFF: _ClassVar[PrincipleReuse]
    PRINCIPLE_REUSE_READ: _ClassVar[PrincipleReuse]
    PRINCIPLE_REUSE_READ_WRITE: _ClassVar[PrincipleReuse]
    PRINCIPLE_REUSE_FIXED: _ClassVar[PrincipleReuse]

class PrincipleWriting(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRINCIPLE_WRITING_UNSPECIFIED: _ClassVar[PrincipleWriting]
    PRINCIPLE_WRITING_CONVERSATION: _ClassVar[PrincipleWriting]
    PRINCIPLE_WRITING_RESPONSES: _ClassVar[PrincipleWriting]

class HostileInputPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOSTILE_INPUT_POLICY_UNSPECIFIED: _ClassVar[HostileInputPolicy]
    HOSTILE_INPUT_POLICY_FLAG: _ClassVar[HostileInputPolicy]
    HOSTILE_INPUT_POLICY_FLOOR: _ClassVar[HostileInputPolicy]
    HOSTILE_INPUT_POLICY_REJECT: _ClassVar[HostileInputPolicy]

class ReplyPart(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPLY_PART_UNSPECIFIED: _ClassVar[ReplyPart]
    REPLY_PART_PRINCIPLES: _ClassVar[ReplyPart]
    REPLY_PART_CRITIQUE: _ClassVar[ReplyPart]
    REPLY_PART_TEXT: _ClassVar[ReplyPart]
    REPLY_PART_TOKENS: _ClassVar[ReplyPart]

class ResponseFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESPONSE_FLAG_UNSPECIFIED: _ClassVar[ResponseFlag]
    RESPONSE_FLAG_EMPTY: _ClassVar[ResponseFlag]
    RESPONSE_FLAG_DUPLICATE: _ClassVar[ResponseFlag]
    RESPONSE_FLAG_DEGENERATE: _ClassVar[ResponseFlag]
    RESPONSE_FLAG_SUSPICIOUS: _ClassVar[ResponseFlag]

class JudgmentOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JUDGMENT_OUTCOME_UNSPECIFIED: _ClassVar[JudgmentOutcome]
    JUDGMENT_OUTCOME_SCORED: _ClassVar[JudgmentOutcome]
    JUDGMENT_OUTCOME_UNPARSABLE: _ClassVar[JudgmentOutcome]
    JUDGMENT_OUTCOME_BAD_LOGITS: _ClassVar[JudgmentOutcome]
    JUDGMENT_OUTCOME_CANCELLED: _ClassVar[JudgmentOutcome]
    JUDGMENT_OUTCOME_CONTEXT_EXHAUSTED: _ClassVar[JudgmentOutcome]

class StopReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOP_REASON_UNSPECIFIED: _ClassVar[StopReason]
    STOP_REASON_K_MAX: _ClassVar[StopReason]
    STOP_REASON_EXACT: _ClassVar[StopReason]
    STOP_REASON_GUARANTEED: _ClassVar[StopReason]
    STOP_REASON_PREDICTED: _ClassVar[StopReason]
    STOP_REASON_WIDTH: _ClassVar[StopReason]
    STOP_REASON_LOAD: _ClassVar[StopReason]
    STOP_REASON_DEADLINE: _ClassVar[StopReason]

class WarningCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WARNING_CODE_UNSPECIFIED: _ClassVar[WarningCode]
    WARNING_CODE_K_META_ONE: _ClassVar[WarningCode]
    WARNING_CODE_JUDGMENTS_LOST: _ClassVar[WarningCode]
    WARNING_CODE_JUDGMENTS_TRUNCATED: _ClassVar[WarningCode]
    WARNING_CODE_ORDER_UNBALANCED: _ClassVar[WarningCode]
    WARNING_CODE_PRINCIPLE_CACHE_OFF: _ClassVar[WarningCode]
    WARNING_CODE_STOPPING_EXACT_ONLY: _ClassVar[WarningCode]

class PrincipleSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRINCIPLE_SOURCE_UNSPECIFIED: _ClassVar[PrincipleSource]
    PRINCIPLE_SOURCE_GENERATED: _ClassVar[PrincipleSource]
    PRINCIPLE_SOURCE_CACHED: _ClassVar[PrincipleSource]
    PRINCIPLE_SOURCE_CALLER: _ClassVar[PrincipleSource]

class ErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_CODE_UNSPECIFIED: _ClassVar[ErrorCode]
    ERROR_CODE_CONVERSATION_EMPTY: _ClassVar[ErrorCode]
    ERROR_CODE_RESPONSE_COUNT: _ClassVar[ErrorCode]
    ERROR_CODE_TEXT_TOO_LONG: _ClassVar[ErrorCode]
    ERROR_CODE_SAMPLE_COUNT: _ClassVar[ErrorCode]
    ERROR_CODE_TEMPERATURE: _ClassVar[ErrorCode]
    ERROR_CODE_TOP_P: _ClassVar[ErrorCode]
    ERROR_CODE_ROLE: _ClassVar[ErrorCode]
    ERROR_CODE_PRINCIPLES: _ClassVar[ErrorCode]
    ERROR_CODE_MODE: _ClassVar[ErrorCode]
    ERROR_CODE_CONTEXT_OVERFLOW: _ClassVar[ErrorCode]
    ERROR_CODE_VERSION_MISMATCH: _ClassVar[ErrorCode]
    ERROR_CODE_NOT_SUPPORTED: _ClassVar[ErrorCode]
    ERROR_CODE_QUEUE_FULL: _ClassVar[ErrorCode]
    ERROR_CODE_DRAINING: _ClassVar[ErrorCode]
    ERROR_CODE_DEADLINE: _ClassVar[ErrorCode]
    ERROR_CODE_CANCELLED: _ClassVar[ErrorCode]
    ERROR_CODE_BAD_LOGITS: _ClassVar[ErrorCode]
    ERROR_CODE_NO_JUDGMENT: _ClassVar[ErrorCode]
    ERROR_CODE_NO_DEPLOYMENT: _ClassVar[ErrorCode]
    ERROR_CODE_VERSION_UNKNOWN: _ClassVar[ErrorCode]
    ERROR_CODE_VERSION_UNUSABLE: _ClassVar[ErrorCode]
    ERROR_CODE_STORE: _ClassVar[ErrorCode]
    ERROR_CODE_HOSTILE_INPUT: _ClassVar[ErrorCode]
    ERROR_CODE_TOKEN_BUDGET: _ClassVar[ErrorCode]
    ERROR_CODE_INTERNAL: _ClassVar[ErrorCode]
    ERROR_CODE_STOPPING: _ClassVar[ErrorCode]
    ERROR_CODE_CONFIGURATION: _ClassVar[ErrorCode]
    ERROR_CODE_STOPPING_RULE: _ClassVar[ErrorCode]
ROLE_UNSPECIFIED: Role
ROLE_SYSTEM: Role
ROLE_USER: Role
ROLE_ASSISTANT: Role
ROLE_TOOL: Role
JUDGING_MODE_UNSPECIFIED: JudgingMode
JUDGING_MODE_LIST: JudgingMode
JUDGING_MODE_ISOLATED: JudgingMode
JUDGING_MODE_PAIRWISE: JudgingMode
JUDGING_MODE_TOKEN_PROBABILITY: JudgingMode
JUDGING_MODE_LIKELIHOOD: JudgingMode
JUDGING_MODE_SCALAR: JudgingMode
JUDGING_MODE_SEMI_SCALAR: JudgingMode
SCORE_READOUT_UNSPECIFIED: ScoreReadout
SCORE_READOUT_SAMPLED: ScoreReadout
SCORE_READOUT_EXPECTED: ScoreReadout
STOPPING_RULE_UNSPECIFIED: StoppingRule
STOPPING_RULE_FIXED: StoppingRule
STOPPING_RULE_EXACT: StoppingRule
STOPPING_RULE_GUARANTEED: StoppingRule
STOPPING_RULE_PREDICTED: StoppingRule
PRINCIPLE_REUSE_UNSPECIFIED: PrincipleReuse
PRINCIPLE_REUSE_OFF: PrincipleReuse
PRINCIPLE_REUSE_READ: PrincipleReuse
PRINCIPLE_REUSE_READ_WRITE: PrincipleReuse
PRINCIPLE_REUSE_FIXED: PrincipleReuse
PRINCIPLE_WRITING_UNSPECIFIED: PrincipleWriting
PRINCIPLE_WRITING_CONVERSATION: PrincipleWriting
PRINCIPLE_WRITING_RESPONSES: PrincipleWriting
HOSTILE_INPUT_POLICY_UNSPECIFIED: HostileInputPolicy
HOSTILE_INPUT_POLICY_FLAG: HostileInputPolicy
HOSTILE_INPUT_POLICY_FLOOR: HostileInputPolicy
HOSTILE_INPUT_POLICY_REJECT: HostileInputPolicy
REPLY_PART_UNSPECIFIED: ReplyPart
REPLY_PART_PRINCIPLES: ReplyPart
REPLY_PART_CRITIQUE: ReplyPart
REPLY_PART_TEXT: ReplyPart
REPLY_PART_TOKENS: ReplyPart
RESPONSE_FLAG_UNSPECIFIED: ResponseFlag
RESPONSE_FLAG_EMPTY: ResponseFlag
RESPONSE_FLAG_DUPLICATE: ResponseFlag
RESPONSE_FLAG_DEGENERATE: ResponseFlag
RESPONSE_FLAG_SUSPICIOUS: ResponseFlag
JUDGMENT_OUTCOME_UNSPECIFIED: JudgmentOutcome
JUDGMENT_OUTCOME_SCORED: JudgmentOutcome
JUDGMENT_OUTCOME_UNPARSABLE: JudgmentOutcome
JUDGMENT_OUTCOME_BAD_LOGITS: JudgmentOutcome
JUDGMENT_OUTCOME_CANCELLED: JudgmentOutcome
JUDGMENT_OUTCOME_CONTEXT_EXHAUSTED: JudgmentOutcome
STOP_REASON_UNSPECIFIED: StopReason
STOP_REASON_K_MAX: StopReason
STOP_REASON_EXACT: StopReason
STOP_REASON_GUARANTEED: StopReason
STOP_REASON_PREDICTED: StopReason
STOP_REASON_WIDTH: StopReason
STOP_REASON_LOAD: StopReason
STOP_REASON_DEADLINE: StopReason
WARNING_CODE_UNSPECIFIED: WarningCode
WARNING_CODE_K_META_ONE: WarningCode
WARNING_CODE_JUDGMENTS_LOST: WarningCode
WARNING_CODE_JUDGMENTS_TRUNCATED: WarningCode
WARNING_CODE_ORDER_UNBALANCED: WarningCode
WARNING_CODE_PRINCIPLE_CACHE_OFF: WarningCode
WARNING_CODE_STOPPING_EXACT_ONLY: WarningCode
PRINCIPLE_SOURCE_UNSPECIFIED: PrincipleSource
PRINCIPLE_SOURCE_GENERATED: PrincipleSource
PRINCIPLE_SOURCE_CACHED: PrincipleSource
PRINCIPLE_SOURCE_CALLER: PrincipleSource
ERROR_CODE_UNSPECIFIED: ErrorCode
ERROR_CODE_CONVERSATION_EMPTY: ErrorCode
ERROR_CODE_RESPONSE_COUNT: ErrorCode
ERROR_CODE_TEXT_TOO_LONG: ErrorCode
ERROR_CODE_SAMPLE_COUNT: ErrorCode
ERROR_CODE_TEMPERATURE: ErrorCode
ERROR_CODE_TOP_P: ErrorCode
ERROR_CODE_ROLE: ErrorCode
ERROR_CODE_PRINCIPLES: ErrorCode
ERROR_CODE_MODE: ErrorCode
ERROR_CODE_CONTEXT_OVERFLOW: ErrorCode
ERROR_CODE_VERSION_MISMATCH: ErrorCode
ERROR_CODE_NOT_SUPPORTED: ErrorCode
ERROR_CODE_QUEUE_FULL: ErrorCode
ERROR_CODE_DRAINING: ErrorCode
ERROR_CODE_DEADLINE: ErrorCode
ERROR_CODE_CANCELLED: ErrorCode
ERROR_CODE_BAD_LOGITS: ErrorCode
ERROR_CODE_NO_JUDGMENT: ErrorCode
ERROR_CODE_NO_DEPLOYMENT: ErrorCode
ERROR_CODE_VERSION_UNKNOWN: ErrorCode
ERROR_CODE_VERSION_UNUSABLE: ErrorCode
ERROR_CODE_STORE: ErrorCode
ERROR_CODE_HOSTILE_INPUT: ErrorCode
ERROR_CODE_TOKEN_BUDGET: ErrorCode
ERROR_CODE_INTERNAL: ErrorCode
ERROR_CODE_STOPPING: ErrorCode
ERROR_CODE_CONFIGURATION: ErrorCode
ERROR_CODE_STOPPING_RULE: ErrorCode

class ScoreRequest(_message.Message):
    __slots__ = ("conversation", "responses", "reference", "principles", "mode", "readout", "k_min", "k_max", "k_meta", "meta_threshold", "stop_risk", "stopping", "score_width", "temperature", "top_p", "seed", "max_judgment_tokens", "principle_reuse", "hostile_inputs", "reply_parts", "group_id", "request_id", "expected_grm", "expected_meta_rm", "principle_writing")
    CONVERSATION_FIELD_NUMBER: _ClassVar[int]
    RESPONSES_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    READOUT_FIELD_NUMBER: _ClassVar[int]
    K_MIN_FIELD_NUMBER: _ClassVar[int]
    K_MAX_FIELD_NUMBER: _ClassVar[int]
    K_META_FIELD_NUMBER: _ClassVar[int]
    META_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    STOP_RISK_FIELD_NUMBER: _ClassVar[int]
    STOPPING_FIELD_NUMBER: _ClassVar[int]
    SCORE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TOP_P_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MAX_JUDGMENT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_REUSE_FIELD_NUMBER: _ClassVar[int]
    HOSTILE_INPUTS_FIELD_NUMBER: _ClassVar[int]
    REPLY_PARTS_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_GRM_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_META_RM_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_WRITING_FIELD_NUMBER: _ClassVar[int]
    conversation: _containers.RepeatedCompositeFieldContainer[Message]
    responses: _containers.RepeatedCompositeFieldContainer[Response]
    reference: str
    principles: _containers.RepeatedCompositeFieldContainer[Principle]
    mode: JudgingMode
    readout: ScoreReadout
    k_min: int
    k_max: int
    k_meta: int
    meta_threshold: float
    stop_risk: float
    stopping: StoppingRule
    score_width: float
    temperature: float
    top_p: float
    seed: int
    max_judgment_tokens: int
    principle_reuse: PrincipleReuse
    hostile_inputs: HostileInputPolicy
    reply_parts: _containers.RepeatedScalarFieldContainer[ReplyPart]
    group_id: str
    request_id: str
    expected_grm: str
    expected_meta_rm: str
    principle_writing: PrincipleWriting
    def __init__(self, conversation: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., responses: _Optional[_Iterable[_Union[Response, _Mapping]]] = ..., reference: _Optional[str] = ..., principles: _Optional[_Iterable[_Union[Principle, _Mapping]]] = ..., mode: _Optional[_Union[JudgingMode, str]] = ..., readout: _Optional[_Union[ScoreReadout, str]] = ..., k_min: _Optional[int] = ..., k_max: _Optional[int] = ..., k_meta: _Optional[int] = ..., meta_threshold: _Optional[float] = ..., stop_risk: _Optional[float] = ..., stopping: _Optional[_Union[StoppingRule, str]] = ..., score_width: _Optional[float] = ..., temperature: _Optional[float] = ..., top_p: _Optional[float] = ..., seed: _Optional[int] = ..., max_judgment_tokens: _Optional[int] = ..., principle_reuse: _Optional[_Union[PrincipleReuse, str]] = ..., hostile_inputs: _Optional[_Union[HostileInputPolicy, str]] = ..., reply_parts: _Optional[_Iterable[_Union[ReplyPart, str]]] = ..., group_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_grm: _Optional[str] = ..., expected_meta_rm: _Optional[str] = ..., principle_writing: _Optional[_Union[PrincipleWriting, str]] = ...) -> None: ...

class Message(_message.Message):
    __slots__ = ("role", "content")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    role: Role
    content: str
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., content: _Optional[str] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("content", "id")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    content: str
    id: str
    def __init__(self, content: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class Principle(_message.Message):
    __slots__ = ("text", "weight")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    text: str
    weight: float
    def __init__(self, text: _Optional[str] = ..., weight: _Optional[float] = ...) -> None: ...

class ScoreReply(_message.Message):
    __slots__ = ("scores", "judgments", "k_counted", "k_drawn", "stop_reason", "stop_bound", "versions", "seed", "timings", "usage", "warnings", "principle_source", "group_id", "request_id", "mode", "readout", "principle_sets", "k_limit", "k_meta", "meta_threshold")
    SCORES_FIELD_NUMBER: _ClassVar[int]
    JUDGMENTS_FIELD_NUMBER: _ClassVar[int]
    K_COUNTED_FIELD_NUMBER: _ClassVar[int]
    K_DRAWN_FIELD_NUMBER: _ClassVar[int]
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    STOP_BOUND_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    READOUT_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_SETS_FIELD_NUMBER: _ClassVar[int]
    K_LIMIT_FIELD_NUMBER: _ClassVar[int]
    K_META_FIELD_NUMBER: _ClassVar[int]
    META_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    scores: _containers.RepeatedCompositeFieldContainer[ResponseScore]
    judgments: _containers.RepeatedCompositeFieldContainer[Judgment]
    k_counted: int
    k_drawn: int
    stop_reason: StopReason
    stop_bound: float
    versions: ServedVersions
    seed: int
    timings: Timings
    usage: TokenUsage
    warnings: _containers.RepeatedCompositeFieldContainer[Warning]
    principle_source: PrincipleSource
    group_id: str
    request_id: str
    mode: JudgingMode
    readout: ScoreReadout
    principle_sets: _containers.RepeatedCompositeFieldContainer[PrincipleSet]
    k_limit: int
    k_meta: int
    meta_threshold: float
    def __init__(self, scores: _Optional[_Iterable[_Union[ResponseScore, _Mapping]]] = ..., judgments: _Optional[_Iterable[_Union[Judgment, _Mapping]]] = ..., k_counted: _Optional[int] = ..., k_drawn: _Optional[int] = ..., stop_reason: _Optional[_Union[StopReason, str]] = ..., stop_bound: _Optional[float] = ..., versions: _Optional[_Union[ServedVersions, _Mapping]] = ..., seed: _Optional[int] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., usage: _Optional[_Union[TokenUsage, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[Warning, _Mapping]]] = ..., principle_source: _Optional[_Union[PrincipleSource, str]] = ..., group_id: _Optional[str] = ..., request_id: _Optional[str] = ..., mode: _Optional[_Union[JudgingMode, str]] = ..., readout: _Optional[_Union[ScoreReadout, str]] = ..., principle_sets: _Optional[_Iterable[_Union[PrincipleSet, _Mapping]]] = ..., k_limit: _Optional[int] = ..., k_meta: _Optional[int] = ..., meta_threshold: _Optional[float] = ...) -> None: ...

class PrincipleSet(_message.Message):
    __slots__ = ("id", "principles")
    ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    id: str
    principles: _containers.RepeatedCompositeFieldContainer[Principle]
    def __init__(self, id: _Optional[str] = ..., principles: _Optional[_Iterable[_Union[Principle, _Mapping]]] = ...) -> None: ...

class ResponseScore(_message.Message):
    __slots__ = ("index", "id", "total", "mean", "spread", "rank", "flags", "floored")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    FLOORED_FIELD_NUMBER: _ClassVar[int]
    index: int
    id: str
    total: float
    mean: float
    spread: float
    rank: int
    flags: _containers.RepeatedScalarFieldContainer[ResponseFlag]
    floored: bool
    def __init__(self, index: _Optional[int] = ..., id: _Optional[str] = ..., total: _Optional[float] = ..., mean: _Optional[float] = ..., spread: _Optional[float] = ..., rank: _Optional[int] = ..., flags: _Optional[_Iterable[_Union[ResponseFlag, str]]] = ..., floored: _Optional[bool] = ...) -> None: ...

class Judgment(_message.Message):
    __slots__ = ("index", "order", "principles", "critique", "scores", "meta_score", "outcome", "counted", "truncated", "text", "tokens", "generated_tokens", "seconds", "principle_source", "principle_set_id", "parts")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    CRITIQUE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    META_SCORE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLE_SET_ID_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    index: int
    order: _containers.RepeatedScalarFieldContainer[int]
    principles: _containers.RepeatedCompositeFieldContainer[Principle]
    critique: str
    scores: _containers.RepeatedScalarFieldContainer[float]
    meta_score: float
    outcome: JudgmentOutcome
    counted: bool
    truncated: bool
    text: str
    tokens: _containers.RepeatedScalarFieldContainer[int]
    generated_tokens: int
    seconds: float
    principle_source: PrincipleSource
    principle_set_id: str
    parts: _containers.RepeatedCompositeFieldContainer[JudgmentPart]
    def __init__(self, index: _Optional[int] = ..., order: _Optional[_Iterable[int]] = ..., principles: _Optional[_Iterable[_Union[Principle, _Mapping]]] = ..., critique: _Optional[str] = ..., scores: _Optional[_Iterable[float]] = ..., meta_score: _Optional[float] = ..., outcome: _Optional[_Union[JudgmentOutcome, str]] = ..., counted: _Optional[bool] = ..., truncated: _Optional[bool] = ..., text: _Optional[str] = ..., tokens: _Optional[_Iterable[int]] = ..., generated_tokens: _Optional[int] = ..., seconds: _Optional[float] = ..., principle_source: _Optional[_Union[PrincipleSource, str]] = ..., principle_set_id: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[JudgmentPart, _Mapping]]] = ...) -> None: ...

class JudgmentPart(_message.Message):
    __slots__ = ("order", "principles", "critique", "scores", "outcome", "truncated", "text", "tokens", "generated_tokens")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PRINCIPLES_FIELD_NUMBER: _ClassVar[int]
    CRITIQUE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    order: _containers.RepeatedScalarFieldContainer[int]
    principles: _containers.RepeatedCompositeFieldContainer[Principle]
    critique: str
    scores: _containers.RepeatedScalarFieldContainer[float]
    outcome: JudgmentOutcome
    truncated: bool
    text: str
    tokens: _containers.RepeatedScalarFieldContainer[int]
    generated_tokens: int
    def __init__(self, order: _Optional[_Iterable[int]] = ..., principles: _Optional[_Iterable[_Union[Principle, _Mapping]]] = ..., critique: _Optional[str] = ..., scores: _Optional[_Iterable[float]] = ..., outcome: _Optional[_Union[JudgmentOutcome, str]] = ..., truncated: _Optional[bool] = ..., text: _Optional[str] = ..., tokens: _Optional[_Iterable[int]] = ..., generated_tokens: _Optional[int] = ...) -> None: ...

class ServedVersions(_message.Message):
    __slots__ = ("deployment", "grm", "meta_rm", "template_digest", "daemon")
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    GRM_FIELD_NUMBER: _ClassVar[int]
    META_RM_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DAEMON_FIELD_NUMBER: _ClassVar[int]
    deployment: int
    grm: VersionReference
    meta_rm: VersionReference
    template_digest: str
    daemon: str
    def __init__(self, deployment: _Optional[int] = ..., grm: _Optional[_Union[VersionReference, _Mapping]] = ..., meta_rm: _Optional[_Union[VersionReference, _Mapping]] = ..., template_digest: _Optional[str] = ..., daemon: _Optional[str] = ...) -> None: ...

class VersionReference(_message.Message):
    __slots__ = ("name", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class Timings(_message.Message):
    __slots__ = ("queue_seconds", "prefill_seconds", "decode_seconds", "meta_seconds", "total_seconds")
    QUEUE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PREFILL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DECODE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    META_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    queue_seconds: float
    prefill_seconds: float
    decode_seconds: float
    meta_seconds: float
    total_seconds: float
    def __init__(self, queue_seconds: _Optional[float] = ..., prefill_seconds: _Optional[float] = ..., decode_seconds: _Optional[float] = ..., meta_seconds: _Optional[float] = ..., total_seconds: _Optional[float] = ...) -> None: ...

class TokenUsage(_message.Message):
    __slots__ = ("prompt_tokens", "prompt_tokens_computed", "generated_tokens", "meta_tokens")
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_COMPUTED_FIELD_NUMBER: _ClassVar[int]
    GENERATED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    META_TOKENS_FIELD_NUMBER: _ClassVar[int]
    prompt_tokens: int
    prompt_tokens_computed: int
    generated_tokens: int
    meta_tokens: int
    def __init__(self, prompt_tokens: _Optional[int] = ..., prompt_tokens_computed: _Optional[int] = ..., generated_tokens: _Optional[int] = ..., meta_tokens: _Optional[int] = ...) -> None: ...

class Warning(_message.Message):
    __slots__ = ("code", "detail")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    code: WarningCode
    detail: str
    def __init__(self, code: _Optional[_Union[WarningCode, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class ScoreEvent(_message.Message):
    __slots__ = ("judgment", "verdict")
    JUDGMENT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    judgment: Judgment
    verdict: ScoreReply
    def __init__(self, judgment: _Optional[_Union[Judgment, _Mapping]] = ..., verdict: _Optional[_Union[ScoreReply, _Mapping]] = ...) -> None: ...

class ErrorDetail(_message.Message):
    __slots__ = ("code", "subject", "expected", "found", "advice", "retry_after_seconds")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    code: ErrorCode
    subject: str
    expected: str
    found: str
    advice: str
    retry_after_seconds: float
    def __init__(self, code: _Optional[_Union[ErrorCode, str]] = ..., subject: _Optional[str] = ..., expected: _Optional[str] = ..., found: _Optional[str] = ..., advice: _Optional[str] = ..., retry_after_seconds: _Optional[float] = ...) -> None: ...
