"""Neural baselines beside their peers (extra: neural): `python tests/benchmarks/neural.py [--pairs N]`.

The same pairs of the validation split, the same weights, one process, CPU. `minilm` is set beside encoding both texts of
each pair; `nli` beside `transformers.pipeline` and `CrossEncoder.predict` of sentence-transformers, both given the pairs
unsorted, in batches of the same size, and `CrossEncoder.predict` as it is, which sorts by length. The model has the
packaged MiniLM weights and a random head. Each is warmed up, and all give the same answers.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np
import sentence_transformers
import torch
import transformers
from models import save_cross_encoder
from sentence_transformers import SentenceTransformer
from sentence_transformers.cross_encoder import CrossEncoder
from transformers import pipeline

import bench
from baselines.embeddings import PairEmbeddings
from baselines.nli import NLI
from baselines.retrievers import packaged_model

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 32


def timed(run: Callable[[list[bench.Pair]], np.ndarray], pairs: list[bench.Pair]) -> tuple[float, np.ndarray]:
    """Seconds, and what came out, after a warm-up on a few pairs."""
    run(pairs[:BATCH])
    started = time.perf_counter()
    found = run(pairs)
    return time.perf_counter() - started, found


def embedding_runs() -> dict[str, Callable[[list[bench.Pair]], np.ndarray]]:
    """(pairs, 4 dimensions) of `minilm`, and of an encoder that is given each pair."""
    encoder = SentenceTransformer(packaged_model(), device="cpu")
    own = PairEmbeddings()

    def each(pairs: list[bench.Pair]) -> np.ndarray:
        rows = []
        for pair in pairs:
            u, v = encoder.encode(
                [pair.claim, pair.counterclaim], normalize_embeddings=True, show_progress_bar=False
            )
            rows.append(np.hstack([u, v, np.abs(u - v), u * v]))
        return np.array(rows)

    def once(pairs: list[bench.Pair]) -> np.ndarray:
        own._vectors = {}  # of the warm-up
        return own.transform(pairs)

    def batched(pairs: list[bench.Pair]) -> np.ndarray:
        texts = [text for pair in pairs for text in (pair.claim, pair.counterclaim)]
        vectors = encoder.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        u, v = vectors[::2], vectors[1::2]
        return np.hstack([u, v, np.abs(u - v), u * v])

    return {
        "minilm, each text once": once,
        "encoder, both texts of all pairs": batched,
        "encoder, pair by pair": each,
    }


def nli_runs(folder: str) -> dict[str, Callable[[list[bench.Pair]], np.ndarray]]:
    """(pairs, 3) probabilities of `nli` and its peers."""
    model = NLI(folder, batch_size=BATCH, device="cpu")
    classify = pipeline("text-classification", folder, device="cpu", top_k=None, function_to_apply="softmax")
    cross = CrossEncoder(folder, device="cpu")
    softmax = torch.nn.Softmax(-1)

    def by_pipeline(pairs: list[bench.Pair]) -> np.ndarray:
        asked = [{"text": pair.claim, "text_pair": pair.counterclaim} for pair in pairs]
        answers = classify(asked, batch_size=BATCH)
        rows = [{row["label"]: row["score"] for row in answer} for answer in answers]
        return np.array([[row[label] for label in bench.LABELS] for row in rows])

    def by_cross_encoder(pairs: list[bench.Pair], step: int) -> np.ndarray:
        texts = [(pair.claim, pair.counterclaim) for pair in pairs]
        return np.vstack(
            [
                cross.predict(
                    texts[n : n + step], batch_size=BATCH, activation_fn=softmax, show_progress_bar=False
                )
                for n in range(0, len(texts), step)
            ]
        )

    return {
        "nli, batches of like length": model.predict_proba,
        "CrossEncoder.predict, sorted by itself": lambda pairs: by_cross_encoder(pairs, len(pairs)),
        "CrossEncoder.predict, unsorted": lambda pairs: by_cross_encoder(pairs, BATCH),
        "transformers.pipeline": by_pipeline,
    }


def report(runs: dict[str, Callable[[list[bench.Pair]], np.ndarray]], pairs: list[bench.Pair]) -> None:
    """A line for each run, in the order given; the first is what the others are measured by."""
    own, answer = 0.0, np.empty(0)
    for name, run in runs.items():
        seconds, found = timed(run, pairs)
        if not own:
            own, answer = seconds, found
        np.testing.assert_allclose(found, answer, atol=1e-4)
        print(f"{name:40} {seconds:8.2f} s {len(pairs) / seconds:8.0f} pairs/s {seconds / own:6.2f} times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000)
    n = parser.parse_args().pairs
    pairs = bench.load_pairs("validation")
    pairs = [pairs[k] for k in np.random.default_rng(0).permutation(len(pairs))[:n]]
    transformers.logging.set_verbosity_error()
    print(
        f"{len(pairs):,} pairs, {os.cpu_count()} CPUs, Python {platform.python_version()}, torch {torch.__version__}, "
        f"transformers {transformers.__version__}, sentence-transformers {sentence_transformers.__version__}"
    )
    report(embedding_runs(), pairs)
    with tempfile.TemporaryDirectory() as folder:
        save_cross_encoder(folder)
        report(nli_runs(folder), pairs)


if __name__ == "__main__":
    main()
