"""The llama forward pass: transformers as the reference, and our own with rounded activations.

`Reference` is transformers' LlamaForCausalLM on the weights of a GGUF file, dequantised by
transformers' own GGUF loader (which also undoes the row order of q and k that llama.cpp files
have for interleaved rotary positions). `check_weights` compares them with gguf.quants.

`Rounded` is the same mathematics written out here, so that one thing can be changed: at the
input of every matrix product with a weight (q, k, v, o, gate, up, down, output) each block of 32
activations becomes int8:

    scale = max |x| / 127,  q = round(x / scale),  x' = q * scale        (0 if the block is 0)

Products of attention (q.k and weights.v), norms, rotary positions, softmax, silu and residual
sums stay as they are. With rounding off it must equal transformers, and `golden.py` checks this.
"""

import gguf
import numpy as np
import torch
from transformers import LlamaForCausalLM

BLOCK = 32
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
OTHER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}


def load(path):
    """The model of a GGUF file in f32, as transformers reads it."""
    folder, name = path.rsplit("/", 1)
    model = LlamaForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    return model.eval()


def hf_name(name):
    """The transformers name of a GGUF tensor."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{LAYER_NAMES[parts[2]]}.weight"
    return OTHER_NAMES[parts[0]] + ".weight"


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


def check_weights(path, model):
    """Compares every tensor that transformers loaded with gguf.quants, bit for bit."""
    reader = gguf.GGUFReader(path)
    state = model.state_dict()
    heads = int(reader.fields["llama.attention.head_count"].contents())
    kv_heads = int(reader.fields["llama.attention.head_count_kv"].contents())
    for tensor in reader.tensors:
        expected = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if "attn_q." in tensor.name:
            expected = half_split_rows(expected, heads)
        if "attn_k." in tensor.name:
            expected = half_split_rows(expected, kv_heads)
        found = state[hf_name(tensor.name)].numpy()
        if not np.array_equal(expected.reshape(found.shape), found):
            raise ValueError(f"{path}: {tensor.name}: transformers and gguf.quants differ")
    if not torch.equal(state["lm_head.weight"], state["model.embed_tokens.weight"]):
        raise ValueError(f"{path}: expected tied embeddings, found two tensors")
    theta = float(reader.fields["llama.rope.freq_base"].contents())
    head_width = model.config.hidden_size // heads
    expected = theta ** -(torch.arange(0, head_width, 2) / head_width)
    if not torch.allclose(model.model.rotary_emb.inv_freq, expected, rtol=1e-6):
        raise ValueError(f"{path}: transformers does not use the rotary base {theta}")


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
    """The forward pass written out, with or without int8 activations, in f32 or f64.

    `jitter` multiplies every matrix input by 1 + u, |u| <= jitter, before it is rounded: the
    effect of another order of summation, which now and then moves a value over a rounding
    boundary. `gap` is the least distance of any x / scale from such a boundary since it was set.
    A smaller `block_count` leaves out the later blocks.
    """

    def __init__(self, model, dtype=torch.float32):
        self.config = model.config
        self.weights = {name: value.to(dtype) for name, value in model.state_dict().items()}
        self.inverse_frequencies = model.model.rotary_emb.inv_freq.to(dtype)
        self.rounds, self.jitter, self.random = True, 0.0, torch.Generator()
        self.gap, self.block_count = 1.0, model.config.num_hidden_layers

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
        distances = (quotient - quotient.floor() - 0.5).abs()
        self.gap = min(self.gap, float(distances.min()))
        return (quotient.round() * scale).reshape(x.shape)

    def normed(self, x, name):
        """RMSNorm with the weight `name`."""
        variance = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(variance + self.config.rms_norm_eps) * self.weights[name]

    def rotated(self, x):
        """Rotary positions on [heads, positions, head width], two halves."""
        angles = torch.arange(x.shape[1], dtype=x.dtype)[:, None] * self.inverse_frequencies
        cosine, sine = angles.cos(), angles.sin()
        low, high = x.chunk(2, dim=-1)
        return torch.cat([low * cosine - high * sine, high * cosine + low * sine], dim=-1)

    def attention(self, x, prefix):
        """One causal attention block with grouped heads, before the residual sum."""
        positions, config = x.shape[0], self.config
        x = self.rounded(x)

        def heads(name, count):
            projected = x @ self.weights[f"{prefix}.self_attn.{name}.weight"].T
            return projected.reshape(positions, count, -1).transpose(0, 1)

        query = self.rotated(heads("q_proj", config.num_attention_heads))
        key = self.rotated(heads("k_proj", config.num_key_value_heads))
        value = heads("v_proj", config.num_key_value_heads)
        group = config.num_attention_heads // config.num_key_value_heads
        key, value = key.repeat_interleave(group, 0), value.repeat_interleave(group, 0)
        scores = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
        future = torch.ones(positions, positions, dtype=torch.bool).triu(1)
        mixed = scores.masked_fill(future, -torch.inf).softmax(-1) @ value
        mixed = self.rounded(mixed.transpose(0, 1).reshape(positions, -1))
        return mixed @ self.weights[f"{prefix}.self_attn.o_proj.weight"].T

    def feed_forward(self, x, prefix):
        """One gated feed-forward block, before the residual sum."""
        x = self.rounded(x)
        gate = x @ self.weights[f"{prefix}.mlp.gate_proj.weight"].T
        up = x @ self.weights[f"{prefix}.mlp.up_proj.weight"].T
        product = self.rounded(torch.nn.functional.silu(gate) * up)
        return product @ self.weights[f"{prefix}.mlp.down_proj.weight"].T

    @torch.no_grad()
    def run(self, ids, last_only=False):
        """Hidden states (embed, layer.N, norm) and logits of a sequence, as numpy arrays."""
        x = self.weights["model.embed_tokens.weight"][torch.tensor(ids)]
        hidden = {"embed": x}
        for index in range(self.block_count):
            prefix = f"model.layers.{index}"
            x = x + self.attention(self.normed(x, f"{prefix}.input_layernorm.weight"), prefix)
            normed = self.normed(x, f"{prefix}.post_attention_layernorm.weight")
            x = x + self.feed_forward(normed, prefix)
            hidden[f"layer.{index}"] = x
        hidden["norm"] = self.normed(x, "model.norm.weight")
        final = hidden["norm"][-1:] if last_only else hidden["norm"]
        logits = self.rounded(final) @ self.weights["model.embed_tokens.weight"].T
        return {name: value.numpy() for name, value in hidden.items()}, logits.numpy()

    def greedy(self, ids, count):
        """Like `Reference.greedy`, by running the whole sequence again for each token."""
        tokens, margins = [], []
        for _ in range(count):
            best = np.sort(last := self.run(ids + tokens, last_only=True)[1][-1])[-2:]
            tokens.append(int(last.argmax()))
            margins.append(float(best[1] - best[0]))
        return tokens, margins
