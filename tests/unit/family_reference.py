"""Attention with prepended keys and values, written out by hand: one sequence, no padding, float64.

Nothing of `panda_core` and none of the models' code is used here, only their configurations and weight tensors.
"""

import math

import torch
from torch.nn.functional import gelu, layer_norm, relu, silu


class Weights:
    """A model's weights in float64 by name."""

    def __init__(self, model):
        self.tensors = {name: tensor.double() for name, tensor in model.state_dict().items()}

    def __getitem__(self, name):
        return self.tensors[name]

    def linear(self, x, name):
        y = x @ self[f"{name}.weight"].T
        return y + self[f"{name}.bias"] if f"{name}.bias" in self.tensors else y

    def norm(self, x, name, eps):
        return layer_norm(x, x.shape[-1:], self[f"{name}.weight"], self[f"{name}.bias"], eps)


def attend(q, k, v, prefix_k, prefix_v, scale, token_scores=None, causal=False, mix=()):
    """Contexts [T, H * d] of queries [T, H, d] over prefix [P, G, d] and tokens [T, G, d]; G divides H.

    `token_scores` [H, T, T] are added to the scores of the tokens only. `mix` mixes heads before and after the softmax.
    """
    tokens, heads, _ = q.shape
    length, groups, _ = prefix_k.shape
    keys, values = (
        torch.cat(pair).repeat_interleave(heads // groups, dim=1) for pair in ((prefix_k, k), (prefix_v, v))
    )
    scores = torch.einsum("ihd,jhd->hij", q, keys) * scale
    if token_scores is not None:
        scores[:, :, length:] += token_scores
    if mix:
        scores = torch.einsum("gh,hij->gij", mix[0], scores)
    if causal:
        for i in range(tokens):
            scores[:, i, length + i + 1 :] = -math.inf
    weights = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
    if mix:
        weights = torch.einsum("gh,hij->gij", mix[1], weights)
    return torch.einsum("hij,jhd->ihd", weights, values).flatten(1)


def bert(model, ids, prefix):
    """BERT and RoBERTa; prefix [P, 2L, H, d]."""
    w, c = Weights(model), model.config
    start = len(prefix) + (c.pad_token_id + 1 if c.model_type == "roberta" else 0)
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0]
    x = x + w["embeddings.position_embeddings.weight"][start : start + len(ids)]
    x = w.norm(x, "embeddings.LayerNorm", c.layer_norm_eps)
    for i in range(c.num_hidden_layers):
        at = f"encoder.layer.{i}"
        q, k, v = (
            w.linear(x, f"{at}.attention.self.{part}").view(len(ids), c.num_attention_heads, -1)
            for part in ("query", "key", "value")
        )
        context = attend(q, k, v, prefix[:, 2 * i], prefix[:, 2 * i + 1], q.shape[-1] ** -0.5)
        x = _bert_tail(w, at, x, context, c.layer_norm_eps)
    return x


def _bert_tail(w, at, x, context, eps):
    x = w.norm(x + w.linear(context, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm", eps)
    inner = gelu(w.linear(x, f"{at}.intermediate.dense"))
    return w.norm(x + w.linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm", eps)


def _deberta_embeddings(w, c, ids, start):
    x = w["embeddings.word_embeddings.weight"][ids]
    if c.position_biased_input:
        x = x + w["embeddings.position_embeddings.weight"][start : start + len(ids)]
    if c.type_vocab_size:
        x = x + w["embeddings.token_type_embeddings.weight"][0]
    return w.norm(x, "embeddings.LayerNorm", c.layer_norm_eps)


def _relative_scores(q, k, position_keys, position_queries, row, scale):
    """[H, T, T]: query to position plus position to key; `row(i - j)` is the row of a distance."""
    rows = torch.tensor([[row(i - j) for j in range(len(q))] for i in range(len(q))])
    to_position = torch.einsum("ihd,ijhd->hij", q, position_keys[rows])
    to_content = torch.einsum("jhd,ijhd->hij", k, position_queries[rows])
    return (to_position + to_content) * scale


def deberta_v1(model, ids, prefix):
    w, c = Weights(model), model.config
    heads = c.num_attention_heads
    span = c.max_relative_positions if c.max_relative_positions > 0 else c.max_position_embeddings
    x = _deberta_embeddings(w, c, ids, len(prefix))
    relative = w["encoder.rel_embeddings.weight"]

    def row(distance):
        return min(max(distance + span, 0), 2 * span - 1)

    for i in range(c.num_hidden_layers):
        at = f"encoder.layer.{i}"
        own = f"{at}.attention.self"
        q, k, v = w.linear(x, f"{own}.in_proj").view(len(ids), heads, 3, -1).unbind(2)
        q = q + w[f"{own}.q_bias"].view(heads, -1)
        v = v + w[f"{own}.v_bias"].view(heads, -1)
        scale = (3 * q.shape[-1]) ** -0.5
        position_keys = w.linear(relative, f"{own}.pos_proj").view(2 * span, heads, -1)
        position_queries = w.linear(relative, f"{own}.pos_q_proj").view(2 * span, heads, -1)
        scores = _relative_scores(q, k, position_keys, position_queries, row, scale)
        talking = ("logits", "weights") if getattr(c, "talking_head", False) else ()
        mix = [w[f"{own}.head_{part}_proj.weight"] for part in talking]
        context = attend(q, k, v, prefix[:, 2 * i], prefix[:, 2 * i + 1], scale, scores, mix=mix)
        x = _bert_tail(w, at, x, context, c.layer_norm_eps)
    return x


def _bucket(distance, buckets, furthest):
    """Distances up to half the buckets count one by one, further ones logarithmically."""
    middle = buckets // 2
    if abs(distance) <= middle:
        return distance
    step = math.ceil(math.log(abs(distance) / middle) / math.log((furthest - 1) / middle) * (middle - 1))
    return int(math.copysign(middle + step, distance))


def deberta_v2(model, ids, prefix):
    w, c = Weights(model), model.config
    heads = c.num_attention_heads
    furthest = c.max_relative_positions if c.max_relative_positions > 0 else c.max_position_embeddings
    buckets = getattr(c, "position_buckets", 0)
    span = buckets or furthest
    x = start = _deberta_embeddings(w, c, ids, len(prefix))
    relative = w["encoder.rel_embeddings.weight"]
    if getattr(c, "norm_rel_ebd", "none") == "layer_norm":
        relative = w.norm(relative, "encoder.LayerNorm", c.layer_norm_eps)

    def row(distance):
        if buckets:
            distance = _bucket(distance, buckets, furthest)
        return min(max(distance + span, 0), 2 * span - 1)

    for i in range(c.num_hidden_layers):
        at = f"encoder.layer.{i}"
        own = f"{at}.attention.self"
        q, k, v = (w.linear(x, f"{own}.{part}_proj").view(len(ids), heads, -1) for part in ("query", "key", "value"))
        scale = (3 * q.shape[-1]) ** -0.5
        key, query = ("key_proj", "query_proj") if c.share_att_key else ("pos_key_proj", "pos_query_proj")
        position_keys = w.linear(relative, f"{own}.{key}").view(2 * span, heads, -1)
        position_queries = w.linear(relative, f"{own}.{query}").view(2 * span, heads, -1)
        scores = _relative_scores(q, k, position_keys, position_queries, row, scale)
        context = attend(q, k, v, prefix[:, 2 * i], prefix[:, 2 * i + 1], scale, scores)
        x = _bert_tail(w, at, x, context, c.layer_norm_eps)
        if i == 0 and getattr(c, "conv_kernel_size", 0):
            kernel = w["encoder.conv.conv.weight"]  # [D, D, 3]
            padded = torch.nn.functional.pad(start, (0, 0, 1, 1))
            convolved = sum(padded[o : o + len(ids)] @ kernel[:, :, o].T for o in range(3))
            x = w.norm(x + gelu(convolved + w["encoder.conv.conv.bias"]), "encoder.conv.LayerNorm", c.layer_norm_eps)
    return x


def opt(model, ids, prefix):
    w, c = Weights(model), model.config
    start, before = len(prefix) + 2, c.do_layer_norm_before  # OPT's table of positions begins with two unused rows
    x = w["decoder.embed_tokens.weight"][ids]
    if c.word_embed_proj_dim != c.hidden_size:
        x = w.linear(x, "decoder.project_in")
    x = x + w["decoder.embed_positions.weight"][start : start + len(ids)]
    for i in range(c.num_hidden_layers):
        at = f"decoder.layers.{i}"
        y = w.norm(x, f"{at}.self_attn_layer_norm", 1e-5) if before else x
        q, k, v = (
            w.linear(y, f"{at}.self_attn.{part}_proj").view(len(ids), c.num_attention_heads, -1) for part in "qkv"
        )
        context = attend(q, k, v, prefix[:, 2 * i], prefix[:, 2 * i + 1], q.shape[-1] ** -0.5, causal=True)
        x = x + w.linear(context, f"{at}.self_attn.out_proj")
        x = x if before else w.norm(x, f"{at}.self_attn_layer_norm", 1e-5)
        y = w.norm(x, f"{at}.final_layer_norm", 1e-5) if before else x
        x = x + w.linear(relu(w.linear(y, f"{at}.fc1")), f"{at}.fc2")
        x = x if before else w.norm(x, f"{at}.final_layer_norm", 1e-5)
    x = w.norm(x, "decoder.final_layer_norm", 1e-5) if before else x
    return w.linear(x, "decoder.project_out") if c.word_embed_proj_dim != c.hidden_size else x


def llama(model, ids, prefix):
    w, c = Weights(model), model.config
    size = c.head_dim
    half = size // 2
    positions = torch.arange(len(prefix), len(prefix) + len(ids), dtype=torch.float64)
    wavelengths = c.rope_parameters["rope_theta"] ** (torch.arange(half, dtype=torch.float64) * 2 / size)
    angles = positions[:, None] / wavelengths

    def rotated(y):
        """Each pair (y_n, y_{n + d/2}) turned by its angle."""
        cos, sin = angles.cos()[:, None], angles.sin()[:, None]
        first, second = y[..., :half], y[..., half:]
        return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

    def norm(y, name):
        return y / (y.square().mean(-1, keepdim=True) + c.rms_norm_eps).sqrt() * w[f"{name}.weight"]

    x = w["embed_tokens.weight"][ids]
    for i in range(c.num_hidden_layers):
        at = f"layers.{i}"
        y = norm(x, f"{at}.input_layernorm")
        q, k, v = (w.linear(y, f"{at}.self_attn.{part}_proj").view(len(ids), -1, size) for part in "qkv")
        context = attend(
            rotated(q), rotated(k), v, prefix[:, 2 * i], prefix[:, 2 * i + 1], size**-0.5, causal=True
        )
        x = x + w.linear(context, f"{at}.self_attn.o_proj")
        y = norm(x, f"{at}.post_attention_layernorm")
        inner = silu(w.linear(y, f"{at}.mlp.gate_proj")) * w.linear(y, f"{at}.mlp.up_proj")
        x = x + w.linear(inner, f"{at}.mlp.down_proj")
    return norm(x, "norm")


REFERENCES = {
    "bert": bert, "roberta": bert, "deberta": deberta_v1, "deberta-v2": deberta_v2, "opt": opt, "llama": llama,
}


def hidden_states(model, ids, prefix):
    """Hidden states [T, D] of the last layer for ids [T] behind a prefix [P, 2L, H, d]."""
    with torch.no_grad():
        return REFERENCES[model.config.model_type](model, ids, prefix.double())
