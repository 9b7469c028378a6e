"""End to end beside lm-evaluation-harness (needs lm-eval): `python tests/benchmarks/harness.py [--pairs N]`.

The harness scores its dummy model on pairs of the test split with accuracy, F1 and MCC and its default standard errors;
bench scores a file of predictions of the whole test split with all its figures, slices, intervals and pages. Both are
whole processes. The harness is given N pairs and scaled, since its cost grows with their number.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import bench
from bench.files import data_home

TASK = """
task: counterclaim_dummy
dataset_path: json
dataset_kwargs:
  data_files:
    test: {path}
test_split: test
output_type: multiple_choice
doc_to_text: "{{{{claim}}}}\\n{{{{counterclaim}}}}\\nContradiction?"
doc_to_choice: ["no", "yes"]
doc_to_target: "{{{{1 if label == 'contradiction' else 0}}}}"
metric_list:
  - metric: acc
  - metric: f1
  - metric: mcc
"""


def timed(command: list[str], folder: Path) -> float:
    """Seconds that a command takes; it must succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400)
    n = parser.parse_args().pairs
    pairs = bench.load_pairs("test")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "task.yaml").write_text(TASK.format(path=data_home() / "pairs" / "test.jsonl"))
        harness = [
            sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--tasks", "counterclaim_dummy",
            "--include_path", name, "--batch_size", "64",
        ]  # fmt: skip
        small = timed([*harness, "--limit", "10"], folder)
        large = timed([*harness, "--limit", str(n)], folder)
        bench.write_predictions(
            folder / "p.jsonl", [bench.Prediction(pair_id=pair.pair_id, label="neutral") for pair in pairs]
        )
        own = timed([sys.executable, "-m", "bench.evaluate", f"predictions={folder}/p.jsonl"], folder)
    scaled = small + (large - small) / (n - 10) * (len(pairs) - 10)
    print(
        f"{len(pairs):,} pairs; lm-eval {version('lm-eval')} ran on 10 ({small:.0f} s) and {n} ({large:.0f} s)"
    )
    print(f"bench.evaluate, whole process          {own:8.2f} s   1 time")
    print(f"lm-eval, whole process, scaled         {scaled:8.0f} s   {scaled / own:.0f} times")


if __name__ == "__main__":
    main()
