"""What the benchmarks run: a cross-encoder of the packaged MiniLM weights and a random head."""

from __future__ import annotations

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import bench
from baselines.retrievers import packaged_model


def save_cross_encoder(folder: str) -> None:
    """Save model and tokenizer, as the hub has them; the head is the same each time."""
    torch.manual_seed(0)
    labels = dict(enumerate(bench.LABELS))
    AutoModelForSequenceClassification.from_pretrained(packaged_model(), id2label=labels).save_pretrained(
        folder
    )
    AutoTokenizer.from_pretrained(packaged_model()).save_pretrained(folder)
