import json
import os
import signal
import subprocess
import sys

import msgspec
import numpy as np
import pytest

import bench
from bench.engine import answer, fit_and_predict
from bench.issues import BadInputError
from bench.partial import Partial, run_key
from bench.schema import Prediction
from tests.conftest import ROOT, make_pair

PAIRS = [make_pair(f"e/c1-c{n}") for n in range(2, 9)]
CALLS = []


class Model:
    def __init__(self, classes, row):
        self.classes_, self.row = classes, row

    def predict_proba(self, pairs):
        return [self.row] * len(pairs)


class Counting:
    """Notes what it is given."""

    classes_ = ("contradiction", "other")

    def __init__(self):
        self.usage_ = {"requests": 3}

    def predict_proba(self, pairs):
        CALLS.append([pair.pair_id for pair in pairs])
        return [[0.5, 0.5]] * len(pairs)


class Learning(Counting):
    def fit(self, pairs, labels, validation):
        CALLS.append((len(pairs), len(labels), len(validation[0]), len(validation[1])))


COUNTING = f"{__name__}:Counting"


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


def test_classes_are_matched_by_name():
    model = Model(np.array(["contradiction", "entailment", "neutral"]), [0.7, 0.1, 0.2])
    predictions = answer(model, PAIRS)
    assert [p.pair_id for p in predictions] == [pair.pair_id for pair in PAIRS]
    assert predictions[0].scores == {"entailment": 0.1, "neutral": 0.2, "contradiction": 0.7}


def test_a_class_that_training_lacked_has_probability_zero():
    (first, *_) = answer(Model(["contradiction", "neutral"], [0.4, 0.6]), PAIRS)
    assert first.scores == {"entailment": 0, "neutral": 0.6, "contradiction": 0.4}


def test_batches_and_what_the_run_took():
    predictions, run = fit_and_predict(COUNTING, {}, PAIRS, batch_size=3)
    assert [p.pair_id for p in predictions] == [pair.pair_id for pair in PAIRS]
    assert [p.score for p in predictions] == [0.5] * 7
    assert [len(ids) for ids in CALLS] == [3, 3, 1]
    assert run["usage"] == {"requests": 3}
    assert run["peak_memory_mib"] > 10
    assert run["hardware"]["cores"] >= 1
    assert "resumed_pairs" not in run


def test_a_fit_that_asks_for_validation_is_given_it():
    fit_and_predict(f"{__name__}:Learning", {}, PAIRS)
    sizes = [sum(not pair.ambiguous for pair in bench.load_pairs(split)) for split in ("train", "validation")]
    assert CALLS[0] == (sizes[0], sizes[0], sizes[1], sizes[1])


STOPPING = """
import hashlib, os, signal

class Stopping:
    classes_ = ["contradiction", "other"]

    def predict_proba(self, pairs):
        if os.environ.get("KILL") and sum(1 for _ in open("asked.txt")) >= 1500:
            os.kill(os.getpid(), signal.SIGKILL)
        with open("asked.txt", "a") as file:
            file.writelines(pair.pair_id + "\\n" for pair in pairs)
        share = [int(hashlib.sha256(pair.pair_id.encode()).hexdigest()[:4], 16) / 65535 for pair in pairs]
        return [[x, 1 - x] for x in share]
"""


def test_a_killed_run_goes_on_and_repeats_nothing(tmp_path):
    (tmp_path / "stopping.py").write_text(STOPPING)
    (tmp_path / "asked.txt").touch()
    command = [
        sys.executable, "-m", "bench.evaluate", "model=stopping:Stopping", "split=validation", "batch_size=200",
        "bootstrap.replicates=0",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    killed = subprocess.run(command, cwd=tmp_path, env=environment | {"KILL": "1"})
    assert killed.returncode == -signal.SIGKILL
    folder = tmp_path / "results" / "Stopping"
    partial = folder / "predictions.partial.jsonl"
    assert [path.name for path in folder.iterdir()] == [partial.name]
    with partial.open("ab") as file:
        file.write(b'{"pair_id":"2016-')  # as if the kill had come in the middle of a write
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    expected = [pair.pair_id for pair in bench.load_pairs("validation")]
    assert sorted((tmp_path / "asked.txt").read_text().split()) == sorted(expected)
    assert [
        json.loads(line)["pair_id"] for line in (folder / "predictions.jsonl").read_text().splitlines()
    ] == expected
    assert json.loads((folder / "results.json").read_bytes())["run"]["resumed_pairs"] == 1600
    assert not partial.exists()
    resumed = (folder / "predictions.jsonl").read_bytes()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (folder / "predictions.jsonl").read_bytes() == resumed


def test_what_another_run_left_is_not_taken(tmp_path):
    path = tmp_path / "partial.jsonl"
    first = Partial(path, "a" * 64)
    first.add([Prediction(pair_id="e/c1-c2", score=0.5)])
    with pytest.raises(BadInputError, match="another run is writing its predictions here"):
        Partial(path, "a" * 64)
    first.close()
    again = Partial(path, "a" * 64)
    assert again.done == [Prediction(pair_id="e/c1-c2", score=0.5)]
    again.close()
    other = Partial(path, "b" * 64)
    assert other.done == []
    other.remove()
    assert not path.exists()


class Reads(Counting):
    """Its answers hang on a file that its settings only name."""

    identity = "first"


def test_what_an_estimator_reads_is_part_of_the_key(tmp_path, monkeypatch):
    path, reads = tmp_path / "partial.jsonl", f"{__name__}:Reads"
    keys = []
    monkeypatch.setattr("bench.engine.Partial", lambda _, key: keys.append(key) or Partial(path, key))
    for identity in ("first", "second", "first"):
        monkeypatch.setattr(Reads, "identity", identity)
        fit_and_predict(reads, {}, PAIRS, partial=path)
    assert keys[0] == keys[2] != keys[1]


def test_the_key_covers_what_predictions_depend_on():
    key = run_key(COUNTING, {"a": 1, "b": 2}, PAIRS, [PAIRS[:2]])
    assert key == run_key(COUNTING, {"b": 2, "a": 1}, PAIRS, [PAIRS[:2]])
    changed = msgspec.structs.replace(PAIRS[0], claim="another")
    relabelled = msgspec.structs.replace(PAIRS[0], label="contradiction")
    others = [
        run_key("baselines.trivial:Majority", {"a": 1, "b": 2}, PAIRS, [PAIRS[:2]]),
        run_key(COUNTING, {"a": 1}, PAIRS, [PAIRS[:2]]),
        run_key(COUNTING, {"a": 1, "b": 2}, PAIRS[1:], [PAIRS[:2]]),
        run_key(COUNTING, {"a": 1, "b": 2}, [changed, *PAIRS[1:]], [PAIRS[:2]]),
        run_key(COUNTING, {"a": 1, "b": 2}, PAIRS, [PAIRS[:1]]),
        run_key(COUNTING, {"a": 1, "b": 2}, PAIRS, [[relabelled, PAIRS[1]]]),
    ]
    assert len({key, *others}) == len(others) + 1


@pytest.mark.parametrize(
    ("classes", "row", "expected"),
    [
        ([0, 1, 2], [0.1, 0.2, 0.7], "Model: classes_ are not labels, expected one of"),
        (["contradiction", "contradiction"], [0.5, 0.5], "Model: classes_ are not labels"),
        ([], [], "Model: classes_ are not labels"),
        (
            ["neutral", "contradiction"],
            [0.1],
            r"Model: predict_proba gave the wrong shape, expected \(7, 2\), got \(7, 1\)",
        ),
    ],
)
def test_bad_models(classes, row, expected):
    with pytest.raises(BadInputError, match=expected):
        answer(Model(classes, row), PAIRS)
