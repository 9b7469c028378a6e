"""What scoring costs from 10^4 to 10^7 predictions: `python tests/benchmarks/scale.py [--largest N]`.

Synthetic pairs of events of 25, three-way scores, 1,000 event-bootstrap replicates of every metric that needs no text.
Each size runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.gold import Gold
from bench.ids import PairIds
from bench.predictions import read_predictions
from bench.schema import LABELS
from bench.scoring import score_columns

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
REPLICATES = 1000
EACH = 25


def pair_ids(n: int) -> pa.Array:
    """n ids such as e17/p3."""
    numbers = pa.array(np.arange(n))
    event = pc.cast(pc.divide(numbers, EACH), pa.string())
    return pc.binary_join_element_wise(
        pa.scalar("e"), event, pa.scalar("/p"), pc.cast(numbers, pa.string()), ""
    )


def synthetic(n: int) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """Ids, gold codes and scores that tell something about them."""
    generator = np.random.default_rng(0)
    label = generator.choice(3, n, p=[0.1, 0.7, 0.2])
    scores = generator.random((n, 3))
    scores[np.arange(n), label] += 0.5
    scores /= scores.sum(1, keepdims=True)
    return pair_ids(n), label, scores.round(6)


def write(n: int, kind: str, path: Path) -> None:
    """A file of predictions, in the order of a shuffle."""
    ids, _, scores = synthetic(n)
    order = np.random.default_rng(1).permutation(n)
    table = pa.table(
        {
            "pair_id": ids.take(pa.array(order)),
            "scores": pa.StructArray.from_arrays(
                [pa.array(scores[order, k]) for k in range(3)], list(LABELS)
            ),
        }
    )
    if kind == "parquet":
        pq.write_table(table, path)
        return
    import gzip

    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for batch in table.to_batches(100_000):
            file.writelines(json.dumps(row) + "\n" for row in batch.to_pylist())


def measure(n: int, path: Path) -> None:
    """Read and score one file; print seconds and MiB as JSON."""
    ids, label, scores = synthetic(n)
    del scores
    gold = Gold(
        labels=tuple(LABELS),
        pair_ids=PairIds(ids),
        label=label,
        event=np.arange(n) // EACH,
        events=-(-n // EACH),
        ambiguous=np.zeros(n, bool),
        claims=None,
        slices={},
    )
    started = time.perf_counter()
    predictions = read_predictions(path, gold.pair_ids)
    read = time.perf_counter()
    report = score_columns(gold, predictions, name="synthetic", replicates=REPLICATES)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps({"read": read - started, "score": done - read, "peak": peak, "f1": str(report.headline)})
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--measure", nargs=2, metavar=("N", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(int(options.measure[0]), Path(options.measure[1]))
        return
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, pyarrow {pa.__version__}"
    )
    print(f"{'pairs':>10} {'file':>9} {'read s':>8} {'score s':>8} {'s per 1e6 pairs':>16} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES:
            if n > options.largest:
                continue
            for kind in ("jsonl.gz", "parquet"):
                path = Path(folder) / f"p.{kind}"
                write(n, kind, path)
                command = [sys.executable, __file__, "--measure", str(n), str(path)]
                found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
                whole = (found["read"] + found["score"]) / n * 1e6
                print(
                    f"{n:10,} {kind:>9} {found['read']:8.2f} {found['score']:8.2f} {whole:16.2f} {found['peak']:9.0f}",
                    flush=True,
                )
                path.unlink()


if __name__ == "__main__":
    main()
