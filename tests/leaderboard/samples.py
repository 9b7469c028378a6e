"""A small gold set, and submissions of it, for the tests of the leaderboard."""

import numpy as np

from bench.files import to_jsonl
from bench.gold import gold_of
from bench.predictions import write_predictions
from bench.schema import LABELS, Prediction
from leaderboard.submission import Target
from tests.conftest import make_pair

FIELDS = {
    "name": "A system",
    "team": "A team",
    "date": "2026-11-01",
    "kind": "open",
    "training_data": "Nothing.",
    "test_seen": "no",
    "licence": "MIT",
    "contact": "someone@example.org",
}


def gold_pairs(events=12, seed=0):
    """Pairs of several events with random labels."""
    generator = np.random.default_rng(seed)
    names = list(LABELS)
    return [
        make_pair(f"e{event:02}/c{a}-c{b}", names[generator.choice(3, p=[0.2, 0.5, 0.3])])
        for event in range(events)
        for a in range(1, 4)
        for b in range(1, 4)
        if a != b
    ]


def target_of(pairs):
    gold = gold_of(pairs)
    return Target(gold.pair_ids, gold)


def predictions(pairs, skill, seed=1):
    """Predictions that are right with a probability of `skill`, else drawn."""
    generator = np.random.default_rng(seed)
    names = list(LABELS)
    return [
        Prediction(
            pair_id=pair.pair_id,
            label=pair.label if generator.random() < skill else names[generator.integers(3)],
        )
        for pair in pairs
    ]


def submit(folder, pairs, skill=0.5, seed=1, **fields):
    """Write a submission's folder."""
    folder.mkdir(parents=True)
    write_predictions(folder / "predictions.jsonl.gz", predictions(pairs, skill, seed))
    lines = [f"{name}: {value}\n" for name, value in (FIELDS | fields).items() if value is not None]
    (folder / "submission.yaml").write_text("".join(lines))
    return folder


def gold_file(path, pairs):
    path.write_bytes(to_jsonl(pairs))
    return path
