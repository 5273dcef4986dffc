"""The configuration of a run: one TOML file, with nothing in it that is not known here."""

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where prompts and tokens come from."""

    version: str = "smollm2-135m-instruct"
    grmctl: str = "grmctl"
    state: str = ""
    """grmd's state folder; empty: grmctl's own default."""


@dataclass(frozen=True)
class Compose:
    """What `spct compose` makes."""

    items: str = ""
    """Preference data, JSONL."""
    output: str = ""
    count: int = 1000
    """Items, drawn with the shares below."""
    forms: dict = field(default_factory=lambda: {"direct": 1.0})
    """How often each form is made, for one item."""
    shares: dict = field(default_factory=dict)
    """How often a group is drawn, 1 unless named."""
    longest: int = 0
    """Items whose conversation and longest response have more characters are left out; 0: none."""


@dataclass(frozen=True)
class Adapter:
    """The shape of the LoRA."""

    rank: int = 16
    alpha: int = 32
    first_layer: int = 0
    """Blocks before this one stay as they are, which spares their backward pass."""


@dataclass(frozen=True)
class Rft:
    """What `spct rft` does."""

    model: str = ""
    """A GGUF file, or a folder of transformers."""
    dtype: str = "float32"
    device: str = "cpu"
    """As PyTorch names it."""
    examples: str = ""
    beside: str = ""
    """More examples, spread evenly among these, as composed ones among own judgments; empty: none."""
    looks: str = ""
    """Examples that are looked at and never trained on; empty: none."""
    start: str = ""
    """A checkpoint whose adapter the run begins with; empty: a fresh one."""
    folder: str = ""
    """Checkpoints, metrics and the plot."""
    steps: int = 500
    batch_tokens: int = 4000
    """Tokens of a step, before those that sequences share are packed once."""
    pack_tokens: int = 4000
    """The same of one forward pass; more need more memory."""
    checkpointing: bool = False
    """Compute activations again on the way back instead of keeping them: less memory, more time."""
    rate: float = 5e-4
    warmup_steps: int = 20
    decay_steps: int = 100
    """The rate falls to a tenth over the last of these."""
    score_weight: float = 1.0
    rank_weight: float = 1.0
    text_weight: float = 1.0
    score_spread: float = 1.2
    """The deviation of the scores that a direct answer is trained to, in points."""
    rank_scale: float = 1.0
    """How many logits of preference one point of expected score stands for."""
    save_steps: int = 25
    look_steps: int = 200
    threads: int = 1


@dataclass(frozen=True)
class Sample:
    """What `spct sample` asks a running grmd for."""

    items: str = ""
    output: str = ""
    socket: str = ""
    """Empty: GRMD_SOCKET, or the system's."""
    count: int = 1000
    shares: dict = field(default_factory=dict)
    mode: str = "isolated"
    k: int = 3
    temperature: float = 0.7
    max_judgment_tokens: int = 96
    hinted: bool = False
    calls: int = 4
    """Calls at a time."""


@dataclass(frozen=True)
class Reject:
    """What `spct reject` keeps of the samples."""

    output: str = ""
    most: int = 2
    """Judgments of one item."""


@dataclass(frozen=True)
class Rl:
    """What `spct rl` does. The model and its type are those of `rft`."""

    items: str = ""
    start: str = ""
    """The checkpoint that the run begins with, which is also the reference."""
    folder: str = ""
    programs: str = ""
    """The folder of grmd and grmctl; a daemon of the run's own serves `source.state`."""
    name: str = "rl"
    """What pushed versions are called, with the step behind it."""
    shares: dict = field(default_factory=dict)
    steps: int = 200
    push_steps: int = 4
    """Steps on the judgments of one push."""
    round_items: int = 16
    k: int = 4
    """Judgments of one item: the group."""
    mode: str = "isolated"
    temperature: float = 1.0
    max_judgment_tokens: int = 96
    hinted: bool = False
    rate: float = 2e-5
    kl: float = 0.08
    clip: float = 0.2
    pack_rollouts: int = 8
    """Judgments of one forward pass; more need more memory."""
    calls: int = 8
    """Calls at a time, which grmd judges together."""


@dataclass(frozen=True)
class Probe:
    """What `spct probe` writes."""

    folder: str = ""
    held_share: float = 0.2
    """Items that the fit does not see and the printed figure is of."""
    ridge: float = 1e-3


@dataclass(frozen=True)
class Scalar:
    """A Bradley-Terry head on frozen states."""

    items: str = ""
    folder: str = ""
    count: int = 1000
    characters: int = 800
    held_share: float = 0.2
    ridge: float = 1e-3


@dataclass(frozen=True)
class Meta:
    """What `spct meta` does. The model and its type are those of `rft`."""

    folder: str = ""
    start: str = ""
    """A checkpoint whose adapter, and head if it has one, the run begins with; empty: a fresh one."""
    steps: int = 300
    batch_items: int = 4
    held_share: float = 0.2
    redrawn: float = 0.0
    """The share of scores that are drawn anew, in isolated judgments that are trained on."""
    rate: float = 2e-4
    warmup_steps: int = 1
    decay_steps: int = 1
    """As those of `rft`; 1: the rate is the same throughout."""
    save_steps: int = 25


@dataclass(frozen=True)
class Export:
    """What `spct export` writes."""

    folder: str = ""


@dataclass(frozen=True)
class Settings:
    """A whole run."""

    seed: int = 1
    source: Source = field(default_factory=Source)
    compose: Compose = field(default_factory=Compose)
    adapter: Adapter = field(default_factory=Adapter)
    rft: Rft = field(default_factory=Rft)
    sample: Sample = field(default_factory=Sample)
    reject: Reject = field(default_factory=Reject)
    rl: Rl = field(default_factory=Rl)
    probe: Probe = field(default_factory=Probe)
    meta: Meta = field(default_factory=Meta)
    scalar: Scalar = field(default_factory=Scalar)
    export: Export = field(default_factory=Export)


def built(kind, table, path):
    """A dataclass from a table, refusing names that it does not have and values of other types."""
    known = {each.name: each for each in fields(kind)}
    values = {}
    for name, value in table.items():
        where = f"{path}{name}"
        if name not in known:
            raise ValueError(f"{where}: expected one of {', '.join(known)}")
        default = getattr(kind(), name)
        if is_dataclass(default):
            value = built(type(default), value, where + ".")
        elif isinstance(default, float) and type(value) is int:
            value = float(value)
        elif type(value) is not type(default):
            raise ValueError(f"{where}: expected {type(default).__name__}, found {value!r}")
        values[name] = value
    return kind(**values)


def read(path):
    """The settings of a file."""
    with open(path, "rb") as file:
        return built(Settings, tomllib.load(file), "")


def required(value, name):
    """A path that a stage cannot do without."""
    if not value:
        raise ValueError(f"{name}: expected a path, found nothing")
    return Path(value)
