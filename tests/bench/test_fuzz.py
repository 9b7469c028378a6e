"""Readers meet what strangers send: an error or a value, never a crash, a hang, or memory without bound."""

import gzip
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bench
from bench import retrieval
from bench.build import read_release
from bench.events import read_events
from bench.issues import BadInputError
from bench.predictions import read_predictions
from tests.bench.test_bad_predictions import PAIR_IDS
from tests.conftest import CORPUS

CANARY = read_release().canary
GOOD = "".join(f'{{"pair_id":"{id}","score":0.5}}\n' for id in PAIR_IDS).encode()
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.sampled_from(PAIR_IDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["pair_id", "label", "scores", "score", "contradiction", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def refused_or_read(read, *arguments):
    """Whether `read` gave a value; anything but a value or BadInputError fails the test."""
    try:
        read(*arguments)
    except BadInputError as error:
        message = str(error)
    else:
        return True
    assert 0 < len(message) < 100_000
    return False


@given(
    st.binary(max_size=600)
    | st.lists(JSON, max_size=8).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
)
@settings(max_examples=300, deadline=None)
def test_predictions_of_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "p.jsonl"
    path.write_bytes(content)
    refused_or_read(read_predictions, path, PAIR_IDS)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6), st.booleans())
@settings(max_examples=300, deadline=None)
def test_predictions_with_some_bytes_changed(tmp_path_factory, place, change, insert):
    path = tmp_path_factory.mktemp("fuzz") / "p.jsonl"
    path.write_bytes(GOOD[:place] + change + GOOD[place if insert else place + len(change) :])
    refused_or_read(read_predictions, path, PAIR_IDS)


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=100, deadline=None)
def test_gzip_and_parquet_of_any_bytes(tmp_path_factory, content, cut):
    folder = tmp_path_factory.mktemp("fuzz")
    packed = gzip.compress(content)
    (folder / "p.jsonl.gz").write_bytes(packed[: len(packed) // 2] if cut else packed)
    (folder / "p.parquet").write_bytes(b"PAR1" + content + b"PAR1")
    refused_or_read(read_predictions, folder / "p.jsonl.gz", PAIR_IDS)
    assert not refused_or_read(read_predictions, folder / "p.parquet", PAIR_IDS)


EVENT = (CORPUS / "valid" / "2020-05-bridge-closed.json").read_bytes()


@given(st.integers(0, len(EVENT) - 1), st.binary(min_size=1, max_size=8), st.booleans())
@settings(max_examples=300, deadline=None)
def test_events_with_some_bytes_changed(tmp_path_factory, place, change, insert):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "2020-05-bridge-closed.json").write_bytes(
        EVENT[:place] + change + EVENT[place if insert else place + len(change) :]
    )
    refused_or_read(read_events, folder, CANARY)


@given(JSON, st.sampled_from(["event_id", "date", "countries", "articles", "claims", "pairs", None]))
@settings(max_examples=300, deadline=None)
def test_events_with_a_field_of_any_value(tmp_path_factory, value, field):
    folder = tmp_path_factory.mktemp("fuzz")
    event = json.loads(EVENT)
    if field:
        event[field] = value
    else:
        event["claims"][1] = value
    (folder / "2020-05-bridge-closed.json").write_text(json.dumps(event))
    refused_or_read(read_events, folder, CANARY)


@given(
    st.binary(max_size=400)
    | st.lists(JSON, max_size=5).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
)
@settings(max_examples=150, deadline=None)
def test_tables_of_any_bytes(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "pairs").mkdir()
    (folder / "pairs" / "test.jsonl").write_bytes(content)
    refused_or_read(bench.load_pairs, "test", folder)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_runs_of_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "run.trec"
    path.write_bytes(content)
    task = retrieval.Task("t", [], {"e/c1": frozenset({"e/c2"})})
    assert not refused_or_read(retrieval.read_run, path, task)


def peak(function, *arguments):
    """MiB that Python held at most while `function` ran."""
    tracemalloc.start()
    try:
        assert not refused_or_read(function, *arguments)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_without_end_is_not_read_to_its_end(tmp_path, end):
    path = tmp_path / "p.jsonl"
    with path.open("wb") as file:
        file.truncate(10 << 30)  # 10 GB of NUL, sparse
        file.seek(0, os.SEEK_END)
        file.write(end)
    assert peak(read_predictions, path, PAIR_IDS) < 64


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"x" * (1 << 20), b"\n" * (1 << 20), GOOD * 4000], ids=["line", "blanks", "rows"]
)
def test_a_gzip_bomb_is_not_unpacked(tmp_path, content):
    path = tmp_path / "p.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(400):
            file.write(content)
    assert peak(read_predictions, path, PAIR_IDS) < 128


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "absent")
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "device.jsonl").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "nowhere", "loop", "device"):
        assert not refused_or_read(read_predictions, tmp_path / f"{name}.jsonl", PAIR_IDS)


def test_events_and_tables_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "2020-05-pipe.json")
    (tmp_path / "2020-05-folder.json").mkdir()
    (tmp_path / "2020-05-nowhere.json").symlink_to(tmp_path / "absent")
    assert not refused_or_read(read_events, tmp_path, CANARY)
    (tmp_path / "pairs").mkdir()
    os.mkfifo(tmp_path / "pairs" / "test.jsonl")
    assert not refused_or_read(bench.load_pairs, "test", tmp_path)


@pytest.mark.slow
def test_events_tables_and_runs_without_end(tmp_path):
    for name in ("2020-05-long.json", "pairs/test.jsonl", "run.trec"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.truncate(10 << 30)
    assert peak(read_events, tmp_path, CANARY) < 64
    assert peak(bench.load_pairs, "test", tmp_path) < 64
    task = retrieval.Task("t", [], {"e/c1": frozenset({"e/c2"})})
    assert peak(retrieval.read_run, tmp_path / "run.trec", task) < 64


def test_a_link_to_a_good_file_is_read(tmp_path):
    (tmp_path / "good.jsonl").write_bytes(GOOD)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "good.jsonl")
    assert refused_or_read(read_predictions, tmp_path / "link.jsonl", PAIR_IDS)


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["predictions", "events", "pairs"])
def test_coverage_guided(reader, tmp_path):
    """Atheris, where it can be installed: `python tests/fuzzing/readers.py READER RUNS` ends without a finding."""
    pytest.importorskip("atheris")
    script = Path(__file__).resolve().parent.parent / "fuzzing" / "readers.py"
    done = subprocess.run(
        [sys.executable, str(script), reader, "20000"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
