"""Tiny models that look at pictures, drawn by chance and saved as the hub's are: what adapters are tried on."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)

WORDS = ("<pad>", "<bos>", "<unk>", "a", "red", "blue", "ball", "box", "picture", "of", "<eos>")
"""The end is the last, as in CLIP's own vocabulary."""
SMALL = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
ENDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 10}


def clip(folder: Path) -> Path:
    """A CLIP of 24 × 24 pixels and eleven words."""
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={**SMALL, **ENDS, "vocab_size": 11, "max_position_embeddings": 12, "projection_dim": 8},
        vision_config={**SMALL, "image_size": 24, "patch_size": 8, "projection_dim": 8},
        projection_dim=8,
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}).save_pretrained(folder)
    return tokens(folder)


def siglip(folder: Path) -> Path:
    """A SigLIP of the same size."""
    torch.manual_seed(0)
    config = SiglipConfig(
        text_config={**SMALL, **ENDS, "vocab_size": 11, "max_position_embeddings": 12, "projection_size": 16},
        vision_config={**SMALL, "image_size": 24, "patch_size": 8},
    )
    model = SiglipModel(config)
    with torch.no_grad():
        model.logit_scale.fill_(2.0)
        model.logit_bias.fill_(-1.0)
    model.save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 24, "width": 24}).save_pretrained(folder)
    return tokens(folder)


def tokens(folder: Path) -> Path:
    """A word for a token, with an end."""
    told = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, "<unk>"))
    told.pre_tokenizer = pre_tokenizers.Whitespace()
    told.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 1), ("<eos>", 10)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=told, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>"
    ).save_pretrained(folder)
    return folder
