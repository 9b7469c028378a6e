"""Other data sets: real loading code, on small files of the same shape (no hub here)."""

import json

import msgspec
import pytest
import yaml

import bench
from bench.evaluate import main
from bench.external import External, load_external
from bench.files import configs_home
from bench.issues import BadInputError
from bench.report import read_report
from bench.schema import Prediction

ROWS = {
    "snli": [
        {"premise": "A man sleeps.", "hypothesis": "A man is awake.", "label": 2},
        {"premise": "A man sleeps.", "hypothesis": "Somebody sleeps.", "label": 0},
        {"premise": "A dog runs.", "hypothesis": "A dog runs home.", "label": 1},
        {"premise": "A dog runs.", "hypothesis": "What.", "label": -1},
    ],
    "mnli": [
        {
            "promptID": 1,
            "pairID": f"1{x}",
            "premise": "He left.",
            "hypothesis": "He stayed.",
            "label": n,
            "genre": "travel",
        }
        for n, x in enumerate("enc")
    ],
    "anli": [
        {"uid": f"u{n}", "premise": "Context.", "hypothesis": f"Claim {n}.", "label": n, "reason": ""}
        for n in range(3)
    ],
    "vitaminc": [
        {
            "unique_id": f"v{n}",
            "case_id": "c",
            "evidence": "It was 3.",
            "claim": "It was 4.",
            "label": label,
            "page": "P",
        }
        for n, label in enumerate(["SUPPORTS", "REFUTES", "NOT ENOUGH INFO"])
    ],
    "daccord": [
        {
            "id": n,
            "premise": "Il pleut.",
            "hypothesis": "Il fait beau.",
            "label": n % 2,
            "label_text": "",
            "genre": "climat",
        }
        for n in range(4)
    ],
    "wikicontradict": [
        {
            "question_ID": n,
            "question": "?",
            "context1": "It is 3.",
            "context2": "It is 4.",
            "contradictType": kind,
        }
        for n, kind in enumerate(["Explicit", "Implicit (reasoning required)"])
    ],
    "rte3": [
        {
            "id": n,
            "language": "en",
            "premise": "He left.",
            "hypothesis": "He stayed.",
            "label": n,
            "task": "IE",
        }
        for n in range(3)
    ],
}


NAMES = sorted(path.stem for path in (configs_home() / "dataset").glob("*.yaml"))


def declared(name):
    return msgspec.convert(
        yaml.safe_load((configs_home() / "dataset" / f"{name}.yaml").read_text()), External
    )


def local(name, tmp_path, rows=None, suffix="jsonl"):
    """The declaration of a data set, turned to a file of the same shape."""
    external = declared(name)
    path = tmp_path / f"{name}.{suffix}"
    path.write_text("\n".join(json.dumps(row) for row in rows or ROWS[name]) + "\n")
    split = external.splits["test"]
    return msgspec.structs.replace(
        external, path="json", config=None, revision=None, data_files={split: str(path)}
    )


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


def test_there_is_a_file_for_every_declaration():
    assert sorted(ROWS) == NAMES
    text = (configs_home() / "evaluate.yaml").read_text()
    assert all(name in text for name in NAMES)


@pytest.mark.parametrize("name", ROWS)
def test_rows_become_pairs(name, tmp_path):
    external = local(name, tmp_path)
    pairs = load_external(external, "test")
    kept = [row for row in ROWS[name] if external.labels[str(row[external.columns.label])] != "drop"]
    assert [pair.label for pair in pairs] == [
        external.labels[str(row[external.columns.label])] for row in kept
    ]
    assert [pair.claim for pair in pairs] == [row[external.columns.claim] for row in kept]
    assert [pair.counterclaim for pair in pairs] == [row[external.columns.counterclaim] for row in kept]
    assert len({pair.pair_id for pair in pairs}) == len(pairs)
    assert "contradiction" in {pair.label for pair in pairs}
    groups = len({row[external.columns.group] for row in kept}) if external.columns.group else len(kept)
    assert len({pair.event_id for pair in pairs}) == groups


def test_pinned_revisions_are_whole_commits():
    for name in NAMES:
        revision = declared(name).revision
        assert len(revision) == 40
        assert set(revision) <= set("0123456789abcdef")


def test_binary_gold_scores_detection_alone(tmp_path):
    pairs = load_external(local("daccord", tmp_path), "test")
    said = ["neutral", "contradiction", "contradiction", "contradiction"]
    three = bench.score(
        pairs,
        [Prediction(pair_id=p.pair_id, label=x) for p, x in zip(pairs, said, strict=True)],
        replicates=0,
    )
    assert three.confusion_labels == ["not_contradiction", "contradiction"]
    assert three.confusion == [[1, 1], [0, 2]]
    assert three.figures["contradiction_precision"].value == pytest.approx(2 / 3)
    assert "macro_f1" not in three.figures
    two = bench.score(
        pairs, [Prediction(pair_id=p.pair_id, score=float(x == "contradiction")) for p, x in zip(pairs, said, strict=True)],
        replicates=0,
    )  # fmt: skip
    assert two.confusion == three.confusion


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    own = local("snli", tmp_path)
    files = f"dataset.data_files={{test: {own.data_files['test']}}}"
    changes = [
        "dataset=snli",
        "dataset.path=json",
        "dataset.config=null",
        "dataset.revision=null",
        f"+{files}",
    ]
    assert main([*changes, "baseline=negation", "bootstrap.replicates=20"]) == 0, capsys.readouterr().err
    report = read_report(tmp_path / "results" / "negation" / "results.json")
    assert report.data.pairs == 3
    assert report.data.events == 2
    assert {part.field for part in report.slices} <= {"subset", "domain", "year", "language"}
    assert main(["dataset=nothing"]) == 2
    assert "unknown dataset 'nothing', expected one of anli, daccord" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"labels": {"2": "yes"}}, "snli: labels map to something unknown, expected one of entailment, neutral, contradiction, not_contradiction, drop, got ['yes']"),
        ({"labels": {"0": "entailment"}}, "snli:1: 1: label is not mapped, expected one of 0, got 2"),
        ({"columns": {"claim": "text", "counterclaim": "hypothesis", "label": "label"}}, "snli: no column text, expected one of"),
        ({"columns": {"claim": "premise", "counterclaim": "hypothesis", "label": "label", "id": "premise"}}, "snli:2: A man sleeps.: id is given twice"),
        ({"data_files": {"test": "absent.jsonl"}}, "snli: cannot be loaded: "),
    ],
)  # fmt: skip
def test_bad_data(change, expected, tmp_path):
    external = msgspec.convert(
        msgspec.to_builtins(local("snli", tmp_path)) | change, type(local("snli", tmp_path))
    )
    with pytest.raises(BadInputError) as caught:
        load_external(external, "test")
    assert expected in str(caught.value)


def test_bad_declarations(tmp_path, capsys):
    with pytest.raises(BadInputError, match="labels map to something unknown, expected one of entailment"):
        load_external(msgspec.structs.replace(local("snli", tmp_path), labels={"0": "yes"}), "test")
    with pytest.raises(BadInputError, match="no such split, expected one of test, got 'train'"):
        load_external(declared("daccord"), "train")
    assert main(["dataset=snli", "~dataset.columns"]) == 2
    assert "missing required field `columns`" in capsys.readouterr().err
