"""Small randomly initialised models, one or two of each architecture, for the tests of prefixes."""

import torch
from transformers import (
    AutoModel,
    BertConfig,
    DebertaConfig,
    DebertaV2Config,
    LlamaConfig,
    OPTConfig,
    PreTrainedModel,
    RobertaConfig,
)

_COMMON = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
_ENCODER = {**_COMMON, "intermediate_size": 48, "max_position_embeddings": 40, "type_vocab_size": 2}
_DEBERTA = {**_ENCODER, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}
_RELATIVE_ONLY = {**_DEBERTA, "type_vocab_size": 0, "position_biased_input": False}
_OPT = {**_COMMON, "ffn_dim": 48, "max_position_embeddings": 40}
_LLAMA = {**_COMMON, "intermediate_size": 48, "max_position_embeddings": 40}

CONFIGS = {
    "bert": BertConfig(**_ENCODER),
    "roberta": RobertaConfig(**{**_ENCODER, "type_vocab_size": 1}, pad_token_id=1),
    # Relative positions further than 4 apart are the same: some are in every test.
    "deberta": DebertaConfig(**_RELATIVE_ONLY, max_relative_positions=4),
    "deberta-absolute": DebertaConfig(**_DEBERTA, position_biased_input=True, talking_head=True),
    # As the published v2 and v3: shared projections, log buckets, and in v2 a convolution.
    "deberta-v2": DebertaV2Config(
        **_RELATIVE_ONLY, share_att_key=True, position_buckets=4, norm_rel_ebd="layer_norm", attention_head_size=8,
        conv_kernel_size=3, conv_act="gelu",
    ),
    "deberta-v3": DebertaV2Config(
        **_RELATIVE_ONLY, share_att_key=True, position_buckets=6, norm_rel_ebd="layer_norm", attention_head_size=8
    ),
    "deberta-v2-absolute": DebertaV2Config(**_DEBERTA, position_biased_input=True, share_att_key=False),
    "opt": OPTConfig(**_OPT, word_embed_proj_dim=32),
    # As OPT-350m: embeddings of another size, LayerNorm behind.
    "opt-350m": OPTConfig(**_OPT, word_embed_proj_dim=16, do_layer_norm_before=False),
    "llama": LlamaConfig(**_LLAMA, num_key_value_heads=4),
    "llama-grouped": LlamaConfig(**_LLAMA, num_key_value_heads=2, head_dim=12),
}


def tiny_model(name: str, attention: str | None = None) -> PreTrainedModel:
    """The model of `CONFIGS[name]`, every weight random (biases too), frozen, in evaluation mode."""
    torch.manual_seed(0)
    kwargs = {} if attention is None else {"attn_implementation": attention}
    model = AutoModel.from_config(CONFIGS[name], **kwargs)
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            mean = 1.0 if "norm" in parameter_name.lower() and parameter_name.endswith("weight") else 0.0
            parameter.normal_(mean, 0.25)
    return model.requires_grad_(False).eval()
