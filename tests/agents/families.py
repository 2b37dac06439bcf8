"""Tiny models of many families, of random weights."""

from __future__ import annotations

import torch
import transformers

VOCABULARY = 64
PLAIN = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 512,
    "head_dim": 8,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
    "initializer_range": 0.1,  # at the usual 0.02 all tokens are about as likely, whatever was seen
}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
DELTA = {
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "linear_conv_kernel_dim": 4,
}
STATE = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_n_groups": 1, "mamba_d_state": 8}
SLIDING = {"sliding_window": 8}  # shorter than what is played
FAMILIES = {
    "Qwen2": {},
    "Qwen2, sliding": {"use_sliding_window": True, "max_window_layers": 1, **SLIDING},
    "Qwen3": {},
    "Qwen3Moe": EXPERTS,
    "Qwen3Next": {**EXPERTS, "shared_expert_intermediate_size": 16, **DELTA},
    "Qwen3_5": DELTA,
    "Llama": {},
    "Gemma2": SLIDING,
    "Gemma3": SLIDING,
    "Mistral": SLIDING,
    "Phi": {},
    "Phi3": {},
    "Olmo2": {},
    "Olmo3": SLIDING,
    "OlmoHybrid": DELTA,
    "SmolLM3": {},
    "Lfm2": {"layer_types": ["conv", "full_attention"] * 2},
    "Mamba": {"state_size": 8},
    "Mamba2": {"num_heads": 8, "state_size": 8, "expand": 2, "n_groups": 1},
    "FalconH1": {"mamba_d_ssm": 64, **STATE},
    "Bamba": {"attn_layer_indices": [1, 3], **STATE},
    "GPT2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 512},
    "GPTNeoX": {},
    "GptOss": {"num_local_experts": 4, "num_experts_per_tok": 2, **SLIDING},
    "Granite": {"logits_scaling": 2.0},
    "Cohere2": SLIDING,
    "Glm4": {},
}


def model_of(family, **more):
    """A tiny model of a family, of random weights."""
    name = family.split(",")[0]
    kinds = [f"{name}TextConfig", f"{name}Config"]
    config_class = next(c for kind in kinds if (c := getattr(transformers, kind, None)))
    heads = [f"{name}ForCausalLM", f"{name}LMHeadModel"]
    model_class = next(c for kind in heads if (c := getattr(transformers, kind, None)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return model_class(config_class(**{**PLAIN, **FAMILIES.get(family, {}), **more})).eval()
