"""Every file of `tests/corpus/predictions` is refused with the message beside it."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.issues import BadInputError
from bench.predictions import read_predictions
from tests.conftest import CORPUS

PAIR_IDS = ["e1/c1-c2", "e1/c2-c1", "e1/c1-c3", "e1/c3-c1", "e2/c1-c2", "e2/c2-c1"]
FILES = sorted((CORPUS / "predictions").glob("*.jsonl"))


def message(path):
    with pytest.raises(BadInputError) as caught:
        read_predictions(path, PAIR_IDS)
    return str(caught.value).replace(str(path.parent) + "/", "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path):
    assert message(path) + "\n" == path.with_suffix(".expected").read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_gzip_gives_the_same_message(path, tmp_path):
    packed = tmp_path / (path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert message(packed).replace(packed.name, path.name) + "\n" == path.with_suffix(".expected").read_text()


def test_there_are_enough():
    assert len(FILES) >= 25


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"label": ["neutral"]}, "p.parquet: pair_id is missing, expected a column of strings"),
        (
            {"pair_id": PAIR_IDS, "label": ["neutral"] * 5 + ["no"]},
            "p.parquet:6: e2/c2-c1: unknown label, expected one of entailment, neutral, contradiction, got 'no'",
        ),
        (
            {"pair_id": PAIR_IDS, "label": ["neutral"] * 5 + [None]},
            "p.parquet:6: e2/c2-c1: unknown label, expected one of entailment, neutral, contradiction, got None",
        ),
        (
            {"pair_id": PAIR_IDS, "score": [0.1] * 5 + [float("nan")]},
            "p.parquet:6: e2/c2-c1: score is no number, expected a probability in [0, 1], got nan",
        ),
        (
            {"pair_id": PAIR_IDS, "score": [0.1] * 6, "gold": ["neutral"] * 6},
            "p.parquet: gold key gold in a prediction, expected one of pair_id, label, scores, score",
        ),
        (
            {"pair_id": PAIR_IDS, "scores": [{"yes": 0.1, "no": 0.9}] * 6},
            "p.parquet: scores has not one number a label, expected struct of entailment, neutral, contradiction, "
            "got 'struct<yes: double, no: double>'",
        ),
        (
            {"pair_id": PAIR_IDS[:-1] + [None], "score": [0.5] * 6},
            "p.parquet:6: pair_id is missing, expected a string",
        ),
        ({"pair_id": PAIR_IDS}, "p.parquet:1: e1/c1-c2: nothing predicted, expected label, scores or score"),
        ({"pair_id": PAIR_IDS, "score": ["high"] * 6}, "p.parquet:1: cannot be read: "),
    ],
)
def test_parquet_message(columns, expected, tmp_path):
    assert expected in message(parquet(tmp_path / "p.parquet", **columns))


def test_not_a_parquet_file(tmp_path):
    path = tmp_path / "p.parquet"
    path.write_text("hello")
    assert message(path).startswith("p.parquet: no Parquet file: ")


def test_more_rows_than_pairs_are_not_read_to_the_end(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text('{"pair_id":"e1/c1-c2","label":"neutral"}\n' * 200_000)
    text = message(path)
    assert "more rows than pairs, expected at most 1006" in text or "problems" in text
    assert len(text.splitlines()) < 60


def test_truncated_gzip(tmp_path):
    path = tmp_path / "p.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"pair_id":"e1/c1-c2","label":"neutral"}\n' * 1000)[:-20])
    assert "cannot be read" in message(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("absent.jsonl", "no such file"),
        ("folder.jsonl", "is no regular file"),
        ("file.csv", "unknown kind of file, expected .jsonl, .jsonl.gz or .parquet, got .csv"),
    ],
)
def test_paths(name, expected, tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "file.csv").write_text("")
    assert message(tmp_path / name) == f"{name}: {expected}"
