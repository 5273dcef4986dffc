"""The forward pass: transformers as the reference, and our own with the engine's rounding.

`Reference` is transformers' model (LlamaForCausalLM, Qwen2ForCausalLM) on the weights of a GGUF
file, dequantised by transformers' own GGUF loader (which also undoes the row order of q and k that
llama files have for interleaved rotary positions). `check_weights` compares them with gguf.quants.

`Rounded` is the same mathematics written out here, so that two things can be changed. With `rounds`,
at the input of every matrix product with a weight (q, k, v, o, gate, up, down, output) each block
of 32 activations becomes int8:

    scale = max |x| / 127,  q = round(x / scale),  x' = q * scale        (0 if the block is 0)

With `attends_in_integers`, the products of attention are those of whole numbers, as
Sources/CKernels/attention.h makes them: after the rotary positions each head's query becomes
whole numbers of at most 2,047, each key and value such of at most 4,095 (round to even), and the
weights of a row, times the scales of the values, such of at most 32,767 that add up to at most 2^18.

Norms, rotary positions, softmax, silu and residual sums stay as they are. With both off it must
equal transformers, and `golden.py` checks this.
"""

import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM

BLOCK = 32
QUERY_MAX, KEY_MAX, WEIGHT_MAX, WEIGHT_SUM_MAX = 2047, 4095, 32_767, 1 << 18
LAYER_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
OTHER_NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}


def load(path):
    """The model of a GGUF file in f32, as transformers reads it."""
    folder, name = path.rsplit("/", 1)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    return model.eval()


def hf_name(name):
    """The transformers name of a GGUF tensor."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{LAYER_NAMES[parts[2]]}.{parts[3]}"
    return f"{OTHER_NAMES[parts[0]]}.{parts[1]}"


def half_split_rows(weights, heads):
    """q or k rows from llama.cpp's order (pairs side by side) to transformers' (two halves)."""
    rows, columns = weights.shape
    paired = weights.reshape(heads, rows // heads // 2, 2, columns)
    return paired.swapaxes(1, 2).reshape(rows, columns)


def interleaved_rows(weights, heads):
    """The inverse of `half_split_rows`: what a converter to GGUF does."""
    rows, columns = weights.shape
    halves = weights.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)


def hf_order(reader, tensor, values):
    """The values of a GGUF tensor in transformers' order of rows."""
    architecture = reader.fields["general.architecture"].contents()
    prefix = f"{architecture}.attention.head_count"
    for part, key in [("attn_q.", prefix), ("attn_k.", prefix + "_kv")]:
        if architecture == "llama" and part in tensor.name:
            return half_split_rows(values, int(reader.fields[key].contents()))
    return values


def check_weights(path, model):
    """Compares every tensor that transformers loaded with gguf.quants, bit for bit."""
    reader = gguf.GGUFReader(path)
    state = model.state_dict()
    names = [tensor.name for tensor in reader.tensors]
    for tensor in reader.tensors:
        expected = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        expected = hf_order(reader, tensor, expected)
        found = state[hf_name(tensor.name)].numpy()
        if not np.array_equal(expected.reshape(found.shape), found):
            raise ValueError(f"{path}: {tensor.name}: transformers and gguf.quants differ")
    tied = torch.equal(state["lm_head.weight"], state["model.embed_tokens.weight"])
    if tied == ("output.weight" in names):
        raise ValueError(f"{path}: expected an output of its own only with output.weight")
    architecture = reader.fields["general.architecture"].contents()
    theta = float(reader.fields[f"{architecture}.rope.freq_base"].contents())
    head_width = model.config.hidden_size // model.config.num_attention_heads
    expected = theta ** -(torch.arange(0, head_width, 2) / head_width)
    if not torch.allclose(model.model.rotary_emb.inv_freq, expected, rtol=1e-6):
        raise ValueError(f"{path}: transformers does not use the rotary base {theta}")


def round_weights(path, model):
    """Gives the model, in place, the weights that an import rounds those of the file to.

    The types that have no format of their own become other ones, per 32 numbers of a row:
    Q4_K keeps its quants and rounds scale and minimum of each group to binary16; Q5_1, Q5_K and
    Q6_K become int8 with the scale max |x| / 127 in binary16. Returns the relative root mean square
    error of each type.
    """
    reader = gguf.GGUFReader(path)
    state, errors = model.state_dict(), {}
    for tensor in reader.tensors:
        kind = tensor.tensor_type.name
        if kind not in ["Q4_K", "Q5_1", "Q5_K", "Q6_K"]:
            continue
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        rounded = q4_k_as_q4(tensor.data) if kind == "Q4_K" else as_q8(values)
        sums = errors.setdefault(kind, np.zeros(2))
        sums += [((rounded - values).astype(np.float64) ** 2).sum(), (values**2.0).sum()]
        rounded = torch.from_numpy(hf_order(reader, tensor, rounded))
        state[hf_name(tensor.name)].copy_(rounded)
    return {kind: float(np.sqrt(sums[0] / sums[1])) for kind, sums in errors.items()}


def as_q8(values):
    """Rounds to int8 with one binary16 scale for each 32 numbers of a row."""
    blocks = values.reshape(-1, BLOCK)
    scale = (np.abs(blocks).max(-1, keepdims=True) / np.float32(127)).astype(np.float16)
    scale = scale.astype(np.float32)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale > 0)
    quants = np.clip(np.rint(blocks * inverse), -127, 127)
    return (quants * scale).reshape(values.shape)


def q4_k_as_q4(data):
    """The values of Q4_K blocks with scale and minimum of each group of 32 in binary16."""
    blocks = data.reshape(-1, 144)
    halves = blocks[:, :4].copy().view(np.float16).astype(np.float32)
    low, high, rest = blocks[:, 4:8], blocks[:, 8:12], blocks[:, 12:16]
    scales = np.concatenate([low & 63, (rest & 15) | (low >> 6 << 4)], 1)
    minimums = np.concatenate([high & 63, (rest >> 4) | (high >> 6 << 4)], 1)
    scale = (halves[:, :1] * scales).astype(np.float16).astype(np.float32)
    minimum = (-halves[:, 1:] * minimums).astype(np.float16).astype(np.float32)
    pairs = blocks[:, 16:].reshape(-1, 4, 1, 32)
    quants = np.concatenate([pairs & 15, pairs >> 4], 2).reshape(-1, 8, 32)
    values = quants.astype(np.float32) * scale[:, :, None] + minimum[:, :, None]
    return values.reshape(data.shape[0], -1)


class Reference:
    """transformers' model with its hidden states under our names."""

    def __init__(self, model):
        self.model = model

    @torch.no_grad()
    def run(self, ids):
        """Hidden states (embed, layer.N, norm) and logits of a sequence, as numpy arrays."""
        found = {}

        def keep(name):
            def hook(module, arguments, output):
                output = output[0] if isinstance(output, tuple) else output
                found[name] = output[0].numpy().copy()

            return hook

        inner = self.model.model
        modules = {"embed": inner.embed_tokens, "norm": inner.norm}
        modules |= {f"layer.{index}": layer for index, layer in enumerate(inner.layers)}
        hooks = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
        logits = self.model(torch.tensor([ids]), use_cache=False).logits[0].numpy()
        for hook in hooks:
            hook.remove()
        return found, logits

    @torch.no_grad()
    def logits(self, ids):
        """Logits at every position."""
        return self.model(torch.tensor([ids]), use_cache=False).logits[0].numpy()

    @torch.no_grad()
    def last_logits(self, ids):
        """Logits at the last position."""
        output = self.model(torch.tensor([ids]), use_cache=False, logits_to_keep=1)
        return output.logits[0, -1].numpy()

    @torch.no_grad()
    def greedy(self, ids, count):
        """`count` most likely tokens one after the other, and the margin of each over the second.

        The end token has no special part: the continuation goes on after it.
        """
        tokens, margins = [], []
        output = self.model(torch.tensor([ids]), use_cache=True)
        for _ in range(count):
            best = torch.topk(output.logits[0, -1], 2)
            tokens.append(int(best.indices[0]))
            margins.append(float(best.values[0] - best.values[1]))
            output = self.model(
                torch.tensor([tokens[-1:]]), past_key_values=output.past_key_values, use_cache=True
            )
        return tokens, margins


class Rounded:
    """The forward pass written out, with or without rounding, in f32 or f64.

    `jitter` multiplies every matrix input by 1 + u, |u| <= jitter, before it is rounded: the
    effect of another order of summation, which now and then moves a value over a rounding
    boundary. `attention_jitter` adds u times the largest of a row, |u| <= attention_jitter, to
    what attention rounds. A smaller `block_count` leaves out the later blocks.
    """

    def __init__(self, model, dtype=torch.float32):
        self.config, self.dtype = model.config, dtype
        self.state = model.state_dict()
        self.inverse_frequencies = model.model.rotary_emb.inv_freq.to(dtype)
        self.rounds, self.attends_in_integers = True, True
        self.jitter, self.attention_jitter, self.random = 0.0, 0.0, torch.Generator()
        self.block_count = model.config.num_hidden_layers

    def weight(self, name):
        """A weight in the type of this pass; a wider copy lives for one product."""
        return self.state[name].to(self.dtype)

    def product(self, x, name):
        """x W^T, and a bias where there is one."""
        result = x @ self.weight(f"{name}.weight").T
        return result + self.weight(f"{name}.bias") if f"{name}.bias" in self.state else result

    def rounded(self, x):
        """The activations as the engine's int8 products see them."""
        if self.jitter:
            noise = torch.rand(x.shape, generator=self.random, dtype=x.dtype)
            x = x * (1 + (2 * noise - 1) * self.jitter)
        if not self.rounds:
            return x
        blocks = x.reshape(*x.shape[:-1], -1, BLOCK)
        scale = blocks.abs().amax(-1, keepdim=True) / 127
        quotient = torch.where(scale == 0, torch.zeros_like(blocks), blocks / scale)
        return (quotient.round() * scale).reshape(x.shape)

    def normed(self, x, name):
        """RMSNorm with the weight `name`."""
        variance = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(variance + self.config.rms_norm_eps) * self.weight(name)

    def rotated(self, x):
        """Rotary positions on [heads, positions, head width], two halves."""
        angles = torch.arange(x.shape[1], dtype=x.dtype)[:, None] * self.inverse_frequencies
        cosine, sine = angles.cos(), angles.sin()
        low, high = x.chunk(2, dim=-1)
        return torch.cat([low * cosine - high * sine, high * cosine + low * sine], dim=-1)

    def disturbed(self, x, peak):
        """What attention rounds, moved by a part of the largest of each row."""
        if not self.attention_jitter:
            return x
        noise = torch.rand(x.shape, generator=self.random, dtype=x.dtype)
        return x + (2 * noise - 1) * self.attention_jitter * peak

    def whole(self, x, most):
        """Each row as whole numbers of at most `most`, in f64 where products are exact, and its scale."""
        peak = x.abs().amax(-1, keepdim=True)
        inverse = torch.where(peak > 2.0**-100, most / peak, torch.zeros_like(peak))
        # One rounding, as that of a fused multiply and add.
        return (self.disturbed(x, peak).double() * inverse.double()).round(), peak / most

    def attended(self, query, key, value):
        """The outputs of attention, [heads, positions, head width], in the type of this pass."""
        group, positions = query.shape[0] // key.shape[0], query.shape[1]
        future = torch.ones(positions, positions, dtype=torch.bool).triu(1)
        if not self.attends_in_integers:
            key, value = key.repeat_interleave(group, 0), value.repeat_interleave(group, 0)
            scores = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
            return scores.masked_fill(future, -torch.inf).softmax(-1) @ value
        root = torch.tensor(query.shape[-1] ** -0.5, dtype=self.dtype)
        query, query_scale = self.whole(query, QUERY_MAX)
        key, key_scale, value, value_scale = (
            part.repeat_interleave(group, 0)
            for rows in (key, value)
            for part in self.whole(rows, KEY_MAX)
        )
        scores = (query @ key.transpose(1, 2)).to(self.dtype)
        scores = scores * (key_scale.transpose(1, 2) * (query_scale * root))
        scores = scores.masked_fill(future, -torch.inf)
        weights = (scores - scores.amax(-1, keepdim=True)).exp()
        scaled = weights * value_scale.transpose(1, 2)
        peak = scaled.amax(-1, keepdim=True)
        scale = torch.minimum(
            WEIGHT_MAX / peak.clamp_min(2.0**-100),
            WEIGHT_SUM_MAX / scaled.sum(-1, keepdim=True).clamp_min(2.0**-100),
        )
        # What is disturbed stays zero where nothing is seen.
        scaled = self.disturbed(scaled, peak).masked_fill(future, 0)
        counts = (scaled.double() * scale.double()).round()
        return (counts @ value).to(self.dtype) * (1 / (scale * weights.sum(-1, keepdim=True)))

    def attention(self, x, prefix):
        """One causal attention block with grouped heads, before the residual sum."""
        positions, config = x.shape[0], self.config
        x = self.rounded(x)

        def heads(name, count):
            return self.product(x, f"{prefix}.self_attn.{name}").reshape(
                positions, count, -1
            ).transpose(0, 1)

        query = self.rotated(heads("q_proj", config.num_attention_heads))
        key = self.rotated(heads("k_proj", config.num_key_value_heads))
        value = heads("v_proj", config.num_key_value_heads)
        mixed = self.attended(query, key, value)
        mixed = self.rounded(mixed.transpose(0, 1).reshape(positions, -1))
        return self.product(mixed, f"{prefix}.self_attn.o_proj")

    def feed_forward(self, x, prefix):
        """One gated feed-forward block, before the residual sum."""
        x = self.rounded(x)
        gate = self.product(x, f"{prefix}.mlp.gate_proj")
        up = self.product(x, f"{prefix}.mlp.up_proj")
        gated = self.rounded(torch.nn.functional.silu(gate) * up)
        return self.product(gated, f"{prefix}.mlp.down_proj")

    @torch.no_grad()
    def run(self, ids, last_only=False):
        """Hidden states (embed, layer.N, norm) and logits of a sequence, as numpy arrays."""
        hidden = self.states(ids)
        final = torch.from_numpy(hidden["norm"][-1:] if last_only else hidden["norm"])
        return hidden, self.product(self.rounded(final), "lm_head").numpy()

    @torch.no_grad()
    def states(self, ids):
        """The hidden states of a sequence."""
        x = self.state["model.embed_tokens.weight"][torch.tensor(ids)].to(self.dtype)
        hidden = {"embed": x}
        for index in range(self.block_count):
            prefix = f"model.layers.{index}"
            x = x + self.attention(self.normed(x, f"{prefix}.input_layernorm.weight"), prefix)
            normed = self.normed(x, f"{prefix}.post_attention_layernorm.weight")
            x = x + self.feed_forward(normed, prefix)
            hidden[f"layer.{index}"] = x
        hidden["norm"] = self.normed(x, "model.norm.weight")
        return {name: value.numpy() for name, value in hidden.items()}

    def greedy(self, ids, count):
        """Like `Reference.greedy`, by running the whole sequence again for each token."""
        tokens, margins = [], []
        for _ in range(count):
            best = np.sort(last := self.run(ids + tokens, last_only=True)[1][-1])[-2:]
            tokens.append(int(last.argmax()))
            margins.append(float(best[1] - best[0]))
        return tokens, margins
