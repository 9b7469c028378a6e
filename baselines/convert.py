"""What other harnesses wrote, as predictions: `python -m baselines.convert FILE... --output predictions.jsonl`.

FILE is a log of Inspect (`.eval`, `.json`), or a file of samples of lm-evaluation-harness (`samples_*.jsonl`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from baselines.prompts import read_answer
from bench.issues import BadInputError, Issues, bad_input, command, needs, show
from bench.predictions import write_predictions
from bench.schema import LABELS, Prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Doc(msgspec.Struct):
    pair_id: str


class _Sample(msgspec.Struct):
    """A line of lm-evaluation-harness: of each choice the request, and its log-likelihood as text."""

    doc: _Doc
    arguments: dict[str, dict[str, Any]]
    filtered_resps: list[list[str]]

    def scores(self) -> dict[str, float]:
        """The softmax over the choices, in the order of `LABELS`; `ValueError` where they are others or not finite."""
        labels = [str(request["arg_1"]).strip() for request in self.arguments.values()]
        likelihoods = np.array([float(response[0]) for response in self.filtered_resps])
        if sorted(labels) != sorted(LABELS) or len(likelihoods) != len(labels):
            raise ValueError(f"the choices are {show(labels)}")
        if not np.isfinite(likelihoods.max()):
            raise ValueError(f"the log-likelihoods are {show(likelihoods.tolist())}")
        weights = np.exp(likelihoods - likelihoods.max())
        shares = dict(zip(labels, (weights / weights.sum()).tolist(), strict=True))
        return {label: shares[label] for label in LABELS}


def from_inspect(path: Path, issues: Issues) -> list[Prediction]:
    """The scores that the model stated in each sample of an Inspect log; a sample's id is the pair's.

    Args:
        path: the log.
        issues: gets the samples that failed or hold no usable answer.

    Raises:
        BadInputError: where the file is no log, or Inspect is not installed.
    """
    with needs("harness"):
        from inspect_ai.log import read_eval_log_samples
    predictions = []
    try:
        for sample in read_eval_log_samples(str(path), all_samples_required=False):
            pair_id = str(sample.id)
            if sample.error is not None:
                issues.error(path, id=pair_id, what="the sample failed", got=show(sample.error.message))
                continue
            try:
                scores = read_answer(sample.output.completion).scores()
            except ValueError as error:
                issues.error(path, id=pair_id, what=str(error), got=show(sample.output.completion))
                continue
            predictions.append(Prediction(pair_id=pair_id, scores=scores))
    except (OSError, ValueError, LookupError) as error:
        raise bad_input(path, f"no log of Inspect: {' '.join(str(error).split())}") from error
    return predictions


def from_lm_eval(path: Path, issues: Issues) -> list[Prediction]:
    """The probabilities of the labels, given that it is one of them: the softmax of their log-likelihoods.

    Args:
        path: the samples, a line each.
        issues: gets the lines that are no sample.

    Raises:
        BadInputError: where the file cannot be read.
    """
    predictions: list[Prediction] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise bad_input(path, f"cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            sample = msgspec.json.decode(line, type=_Sample)
            predictions.append(Prediction(pair_id=sample.doc.pair_id, scores=sample.scores()))
        except (ValueError, LookupError) as error:
            issues.error(path, number, what=f"no sample of the task counterclaim: {error}")
    return predictions


READERS: dict[str, Callable[[Path, Issues], list[Prediction]]] = {
    ".eval": from_inspect,
    ".json": from_inspect,
    ".jsonl": from_lm_eval,
}


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m baselines.convert", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--output", required=True, type=Path, help="a .jsonl, .jsonl.gz or .parquet file")
    parser.add_argument(
        "--skip",
        action="store_true",
        help="leave pairs without a usable answer out, and list them; `on_missing=wrong` counts them as wrong",
    )
    options = parser.parse_args(arguments)
    issues = Issues()
    predictions: list[Prediction] = []
    for path in options.files:
        if path.suffix not in READERS:
            raise bad_input(
                path, "unknown kind of file", ".eval, .json or .jsonl", path.suffix or "no suffix"
            )
        predictions += READERS[path.suffix](path, issues)
    if options.skip and predictions and issues.errors:
        print(BadInputError(issues.errors, issues.dropped), file=sys.stderr)
    else:
        issues.raise_if_any()
    if not predictions:
        raise bad_input(options.files[0], "no sample in it")
    write_predictions(options.output, predictions)
    print(f"{len(predictions)} predictions written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
