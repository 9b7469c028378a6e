import json
import shutil

import pytest

from bench import build
from bench.build import main, pair_rows, read_release
from bench.events import read_events
from bench.files import data_home
from bench.issues import BadInputError
from bench.leaks import near_identical
from bench.load import load_claims, load_manifest, load_pairs
from bench.schema import SPLITS, Relation
from tests.conftest import CORPUS

RELEASE = read_release()


@pytest.fixture
def event():
    return read_events(CORPUS / "valid", RELEASE.canary)[0]


def test_shipped_tables_are_in_step(capsys):
    assert main(["--check"]) == 0
    assert "are in step" in capsys.readouterr().out


def test_rows_go_both_ways(event):
    rows = {row.pair_id.split("/")[1]: row for row in pair_rows(event)}
    assert len(rows) == 2 * len(event.pairs)
    assert rows["c1-c2"].label == rows["c2-c1"].label == "contradiction"
    assert rows["c1-c2"].dispute == rows["c2-c1"].dispute == "status"
    assert rows["c1-c3"].label == "entailment"
    assert rows["c1-c3"].reason is None
    assert (rows["c3-c1"].label, rows["c3-c1"].reason) == ("neutral", "supports")
    assert rows["c1-c3"].votes == ["entailment"]
    assert rows["c3-c1"].votes == ["neutral"]
    assert rows["c1-c2"].votes == ["contradiction", "contradiction"]
    assert rows["c1-c2"].claim == rows["c2-c1"].counterclaim == event.claims[0].text
    assert rows["c1-c2"].outlets == 2
    assert str(rows["c1-c5"].counterclaim_asserted) == "2020"
    assert rows["c3-c4"].claim_asserted is None
    assert rows["c3-c4"].claim_languages == ["en", "fr"]


@pytest.mark.parametrize(
    ("votes", "ambiguous"),
    [
        ([], False),
        (["neutral", "contradiction"], False),
        (["neutral", "contradiction", "neutral"], False),
        (["neutral:hedge", "contradiction:status:value", "entails"], True),
        (["entails", "entailed_by", "equivalence"], True),
    ],
)
def test_three_readings_that_all_differ_are_ambiguous(votes, ambiguous):
    assert build.is_ambiguous(Relation(a="c1", b="c2", relation="neutral", votes=votes)) is ambiguous


def test_the_date_decides_on_the_split():
    assert [
        RELEASE.split(date)
        for date in ("2001-02-03", "2013-12-31", "2014-01-01", "2016-12", "2017-01", "2025")
    ] == [
        "train",
        "train",
        "validation",
        "validation",
        "test",
        "test",
    ]


def test_build_elsewhere_and_check(tmp_path, capsys):
    events, out = tmp_path / "events", tmp_path / "out"
    shutil.copytree(CORPUS / "valid", events)
    arguments = ["--events", str(events), "--out", str(out)]
    assert main([*arguments, "--check"]) == 1
    assert main(arguments) == 0
    assert main([*arguments, "--check"]) == 0
    assert len(load_pairs("test", out)) == 20
    assert load_pairs("train", out) == []
    assert load_claims("test", out)[0].archive_urls == [
        "https://web.archive.org/web/20200504/https://alder.example/1"
    ]
    assert load_manifest(out)["splits"]["test"]["events"] == 1
    assert (out / "retrieval/qrels/test.tsv").read_text().splitlines()[:2] == [
        "query-id\tcorpus-id\tscore",
        "2020-05-bridge-closed/c1\t2020-05-bridge-closed/c2\t1",
    ]
    path = events / "2020-05-bridge-closed.json"
    path.write_text(path.read_text().replace("shut to all traffic", "shut to every vehicle"))
    capsys.readouterr()
    assert main([*arguments, "--check"]) == 1
    difference = capsys.readouterr().out
    assert f"--- {out}/pairs/test.jsonl (on disk)" in difference
    assert "shut to every vehicle" in difference


def test_same_events_same_bytes():
    events = read_events(data_home() / "events", RELEASE.canary)
    assert build.build(events, RELEASE) == build.build(events[::-1][::-1], RELEASE)


def test_bad_events_write_nothing(tmp_path, capsys):
    bad = CORPUS / "events" / "pair_missing"
    assert main(["--events", str(bad), "--out", str(tmp_path / "out")]) == 2
    assert "c1-c5: pair is missing" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_out_that_is_a_file(tmp_path, capsys):
    (tmp_path / "out").write_text("")
    assert main(["--events", str(CORPUS / "valid"), "--out", str(tmp_path / "out")]) == 2
    assert "is not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("shared", ["url", "claim"])
def test_leak_between_splits(shared, tmp_path, capsys):
    text = (CORPUS / "valid" / "2020-05-bridge-closed.json").read_text()
    (tmp_path / "2020-05-bridge-closed.json").write_text(text)
    other = json.loads(text.replace("2020", "2010"))
    for n, article in enumerate(other["articles"]):
        if shared != "url" or n:
            article["url"] += "/old"
    for n, claim in enumerate(other["claims"]):
        if shared == "claim" and n == 1:
            claim["text"] = "Traffic of every kind crossed the Alder bridge freely throughout 3 May 2020!"
        else:
            claim["text"] = f"Quite another story, number {n}, is told here in {n} words."
    (tmp_path / "2010-05-bridge-closed.json").write_text(json.dumps(other))
    assert main(["--events", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert (
        "article in train and test" if shared == "url" else "nearly the same claim in train and test"
    ) in message
    assert len(message.splitlines()) == 1


def test_near_identical_by_hand():
    assert near_identical(["the bridge was closed"], ["something else entirely"]) == []
    assert near_identical(["the bridge was closed"], ["The bridge was closed"]) == [(0, 0, 1.0)]
    assert near_identical([], ["a"]) == []


def test_manifest_tells_the_tables():
    import hashlib

    manifest = load_manifest()
    for name, sha256 in manifest["sha256"].items():
        assert hashlib.sha256((data_home() / name).read_bytes()).hexdigest() == sha256
    for split in SPLITS:
        assert manifest["splits"][split]["pairs"] == len(load_pairs(split))


def test_release_with_a_fault(tmp_path):
    path = tmp_path / "data.yaml"
    path.write_text("version: 1\n")
    with pytest.raises(BadInputError, match=r"data.yaml: \$?"):
        read_release(path)
