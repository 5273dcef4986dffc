"""Reference tokenizers: those of GGUF files, and tiny ones trained on a text of our own.

Why not the tokenizer that transformers makes from the GGUF: the file names its pre-tokenizer
("smollm") but does not describe it, and transformers then falls back to the one of GPT-2, which
keeps runs of digits together ("1234" would be one piece). SmolLM2 was trained with every digit
split off first. So the reference is built here from the vocabulary and merges of the file with

    smollm  Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)])
    qwen2   NFC, then Sequence([Split(pattern of Qwen2), ByteLevel(use_regex=False)])

the second as transformers makes it for Qwen2, and with its pattern. No added or special tokens are
registered, so a text that looks like a control token ("<|im_end|>") is encoded as the plain text
that it is: the rule for everything a caller sends.
"""

import gguf
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.models.qwen2 import tokenization_qwen2

CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
END_OF_TEXT, IM_START, IM_END = 0, 1, 2

TRAINING_TEXT = """
The judge reads the question, then the answers, and then it writes what it saw. A good answer is
short, true and to the point; a bad answer is long, or wrong, or both. The score is a number from
1 to 10. The judge gives the better answer the higher score, and says why in one sentence.
What is the weather in the north? The wind is from the west, the rain is near, and the river is
high. There is a bridge; there is a boat; there is an inn with a warm fire for the evening.
"""


def split_like_smollm():
    """The pre-tokenizer of SmolLM2: each digit alone, then the byte-level split of GPT-2."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )


def split_like_qwen2():
    """The pre-tokenizer of Qwen2, by the pattern that transformers has for it."""
    pattern = Regex(tokenization_qwen2.PRETOKENIZE_REGEX)
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


SPLITS = {"smollm": split_like_smollm, "qwen2": split_like_qwen2}


def assemble(tokens, merges, kind="smollm"):
    """A tokenizer from a vocabulary in id order and merges written as "left right"."""
    vocabulary = {token: index for index, token in enumerate(tokens)}
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    if kind == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = SPLITS[kind]()
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def from_gguf(path):
    """The reference tokenizer of a GGUF file."""
    reader = gguf.GGUFReader(path)
    kind = reader.fields["tokenizer.ggml.pre"].contents()
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    types = reader.fields["tokenizer.ggml.token_type"].contents()
    merges = reader.fields["tokenizer.ggml.merges"].contents()
    tokenizer = assemble(tokens, merges, kind)
    for token in CONTROL_TOKENS:
        index = tokenizer.token_to_id(token)
        if index is None or types[index] != gguf.TokenType.CONTROL:
            raise ValueError(f"{path}: expected the control token {token}")
    return tokenizer


def control_ids(path):
    """The ids that no text may become."""
    reader = gguf.GGUFReader(path)
    types = reader.fields["tokenizer.ggml.token_type"].contents()
    plain = [gguf.TokenType.NORMAL, gguf.TokenType.USER_DEFINED]
    return {index for index, kind in enumerate(types) if kind not in plain}


def train(vocabulary_count, kind="smollm"):
    """Trains the tiny vocabulary: control tokens, 256 bytes, merges. Returns (tokens, merges)."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = SPLITS[kind]()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_count,
        special_tokens=CONTROL_TOKENS,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([TRAINING_TEXT], trainer)
    by_id = {index: token for token, index in tokenizer.get_vocab().items()}
    tokens = [by_id[index] for index in range(len(by_id))]
    if len(tokens) != vocabulary_count:
        raise ValueError(f"tiny vocabulary: expected {vocabulary_count}, found {len(tokens)}")
    first_merged = len(CONTROL_TOKENS) + 256
    return tokens, merges_of(tokens, first_merged)


def merges_of(tokens, first_merged):
    """The merges of a trained vocabulary: token i >= first_merged is the i-th merge's result.

    The trainer adds one token per merge, in order; the pair is found by applying the merges so
    far to the token's own characters, which leaves exactly two symbols.
    """
    merges = []
    for token in tokens[first_merged:]:
        symbols = list(token)
        for merge in merges:
            left, right = merge.split(" ")
            position = 0
            while position < len(symbols) - 1:
                if symbols[position] == left and symbols[position + 1] == right:
                    symbols[position : position + 2] = [left + right]
                position += 1
        if len(symbols) != 2:
            raise ValueError(f"tiny vocabulary: expected a pair for {token!r}, found {symbols}")
        merges.append(f"{symbols[0]} {symbols[1]}")
    return merges


def chat(tokenizer, turns):
    """ChatML as token ids: control ids around the role and the content, which is plain text.

    The last turn may have no content: then the assistant's answer is left open.
    """
    start, end = (tokenizer.token_to_id(token) for token in CONTROL_TOKENS[1:])
    ids = []
    for role, content in turns:
        ids.append(start)
        ids += tokenizer.encode(role + "\n", add_special_tokens=False).ids
        if content is not None:
            ids += tokenizer.encode(content, add_special_tokens=False).ids
            ids.append(end)
            ids += tokenizer.encode("\n", add_special_tokens=False).ids
    return ids
