"""Many sequences that begin alike, in one row without padding.

A batch of judgments repeats itself: every prompt begins with the same instruction, all prompts of one
item with its conversation, and all samples of one prompt with the prompt. Here such a batch becomes a
tree of three levels

    root    what all sequences of the batch share
    stem    what those of one group share after that
    branch  the rest of each sequence

laid out as one row of tokens. Each token is computed once and gets the position that it has in its own
sequence, and attention sees the token's own root, stem and branch only: the numbers are those of the
separate sequences, at a fraction of the tokens. The gradient of what is shared is that of all that
share it.
"""

from dataclasses import dataclass
from functools import partial

import torch
from transformers import AttentionInterface

ATTENTION = "tree"


@dataclass
class Segment:
    """The rows `start..<end` of a packed batch, one group: a stem and its branches."""

    start: int
    end: int
    mask: torch.Tensor
    """bool [end - start, root + end - start]: what each row sees of the root and of the segment."""


@dataclass
class Tree:
    """A packed batch."""

    tokens: torch.Tensor
    """[1, n]"""
    positions: torch.Tensor
    """[1, n]"""
    root: int
    segments: list
    places: list
    """For each sequence, in the order given, the place in the row of each of its tokens."""

    @property
    def count(self):
        return self.tokens.shape[1]

    @property
    def longest(self):
        """The tokens of the longest sequence."""
        return int(self.positions.max()) + 1


def shared_length(sequences):
    """How many tokens all sequences begin with alike."""
    first, last = min(sequences), max(sequences)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return length


def pack(groups, shares_root=True):
    """The tree of groups of sequences (lists of token ids), each not empty."""
    everything = [sequence for group in groups for sequence in group]
    root = shared_length(everything) if shares_root and len(groups) > 1 else 0
    tokens, positions = list(everything[0][:root]), list(range(root))
    segments, places = [], []
    for group in groups:
        start = len(tokens)
        stem = shared_length(group)
        owners = [-1] * (stem - root)
        tokens += group[0][root:stem]
        positions += range(root, stem)
        for branch, sequence in enumerate(group):
            first = len(tokens)
            tokens += sequence[stem:]
            positions += range(stem, len(sequence))
            owners += [branch] * (len(sequence) - stem)
            own = [*range(root), *range(start, start + stem - root), *range(first, len(tokens))]
            places.append(torch.tensor(own))
        segments.append(Segment(start, len(tokens), visible(owners, root)))
    return Tree(torch.tensor([tokens]), torch.tensor([positions]), root, segments, places)


def visible(owners, root):
    """What the tokens of a segment see: the root, the stem (-1) and their own branch, up to themselves."""
    owner = torch.tensor(owners, dtype=torch.long)
    same = (owner[None, :] == -1) | (owner[None, :] == owner[:, None])
    own = same & torch.ones(len(owners), len(owners), dtype=torch.bool).tril()
    return torch.cat([torch.ones(len(owners), root, dtype=torch.bool), own], 1)


def product(options):
    """Attention itself, as a model wants it: its scale, and for Gemma 2 scores s as c tanh(s / c)."""
    scale, cap = options["scaling"], options.get("softcap")
    if cap is None:
        return partial(torch.nn.functional.scaled_dot_product_attention, scale=scale)

    def capped(query, key, value, attn_mask):
        scores = cap * torch.tanh(query @ key.transpose(-1, -2) * (scale / cap))
        return scores.masked_fill(~attn_mask, -torch.inf).softmax(-1) @ value

    return capped


def attend(query, key, value, mask, attention):
    """Attention with grouped heads: the queries of a group stand one after the other as rows.

    `attention`: what `product` gave. Shapes: query [1, heads, rows, width]; key and value [1, groups, columns, width]; mask [rows, columns].
    """
    _, heads, rows, width = query.shape
    share = heads // key.shape[1]
    folded = query.reshape(1, key.shape[1], share * rows, width)
    result = attention(folded, key, value, attn_mask=mask.repeat(share, 1))
    return result.reshape(1, heads, rows, width)


def tree_attention(module, query, key, value, *_, **options):
    """What transformers calls in place of its own attention. Returns [1, n, heads, width]."""
    tree, attention, parts = options["tree"], product(options), []
    window = options.get("sliding_window")
    if window and tree.longest > window:
        raise ValueError(f"a sequence: expected at most the {window} tokens that a layer of this model "
                         f"looks back, found {tree.longest}; leave out long items (compose.longest)")
    if tree.root:
        causal = torch.ones(tree.root, tree.root, dtype=torch.bool, device=query.device).tril()
        parts.append(
            attend(query[:, :, : tree.root], key[:, :, : tree.root], value[:, :, : tree.root],
                   causal, attention)
        )
    for segment in tree.segments:
        own = slice(segment.start, segment.end)
        keys = torch.cat([key[:, :, : tree.root], key[:, :, own]], 2)
        values = torch.cat([value[:, :, : tree.root], value[:, :, own]], 2)
        parts.append(attend(query[:, :, own], keys, values, segment.mask.to(query.device), attention))
    return torch.cat(parts, 2).transpose(1, 2), None


AttentionInterface.register(ATTENTION, tree_attention)


def hidden_states(model, tree):
    """The final hidden states of a packed batch, [n, width]."""
    device = next(model.parameters()).device
    decoder = model.get_decoder()
    output = decoder(
        input_ids=tree.tokens.to(device),
        position_ids=tree.positions.to(device),
        use_cache=False,
        tree=tree,
    )
    return output.last_hidden_state[0]
