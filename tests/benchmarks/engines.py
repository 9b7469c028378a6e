"""The engines beside each other (extras: neural, ray): `python tests/benchmarks/engines.py [--pairs N] [--actors N]`.

A cross-encoder with the packaged MiniLM weights and a random head answers the same pairs of the validation split in this
process, which has all cores, and on a Ray cluster of this machine, whose actors share them. Both give the same predictions.
Ray's time is told with and without the start of the cluster and of the actors.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time

import numpy as np
import ray
import torch
import transformers
from models import save_cross_encoder

import bench
from baselines.nli import NLI
from bench.cluster import ray_data
from bench.engine import local


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--actors", type=int, default=2)
    options = parser.parse_args()
    pairs = bench.load_pairs("validation")
    pairs = [pairs[k] for k in np.random.default_rng(0).permutation(len(pairs))[: options.pairs]]
    batches = [pairs[n : n + 128] for n in range(0, len(pairs), 128)]
    transformers.logging.set_verbosity_error()
    print(
        f"{len(pairs):,} pairs in {len(batches)} batches, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"torch {torch.__version__}, ray {ray.__version__}"
    )
    with tempfile.TemporaryDirectory() as folder:
        save_cross_encoder(folder)
        engines = {"local": local(), f"ray, {options.actors} actors": ray_data(actors=options.actors)}
        first: dict[str, dict[str, float]] = {}
        own = 0.0
        for name, engine in engines.items():
            started, made, warm, counted = time.perf_counter(), {}, 0.0, 0
            for predictions, _ in engine(NLI(folder, device="cpu"), batches):
                if not warm:
                    warm = time.perf_counter()
                else:
                    counted += len(predictions)
                made |= {row.pair_id: row.scores for row in predictions}
            ended = time.perf_counter()
            first = first or made
            for pair_id, scores in first.items():
                np.testing.assert_allclose(list(made[pair_id].values()), list(scores.values()), atol=1e-5)
            own = own or ended - started
            print(
                f"{name:16} {ended - started:7.1f} s, {(ended - started) / own:.2f} times; "
                f"after the first batch {counted / (ended - warm):6.0f} pairs/s"
            )


if __name__ == "__main__":
    main()
