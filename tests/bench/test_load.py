import subprocess
import sys

import msgspec
import pytest
import yaml

import bench
from bench.files import data_home
from bench.issues import BadInputError
from bench.load import TABLES, features
from bench.schema import LABELS, SPLITS
from tests.conftest import ROOT

HEAVY = ("numpy", "datasets", "sklearn", "hydra", "pyarrow", "pandas", "scipy", "rich", "torch")


def test_import_is_light():
    code = f"import sys, bench; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves():
    for name in bench.__all__:
        assert getattr(bench, name) is not None
    assert set(bench.__all__) <= set(dir(bench))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bench.nothing


@pytest.mark.parametrize("split", SPLITS)
def test_pairs_are_well_formed(split):
    pairs = bench.load_pairs(split)
    by_id = {pair.pair_id: pair for pair in pairs}
    assert len(by_id) == len(pairs) > 0
    for pair in pairs:
        event, first, second = pair.event_id, pair.claim_id.split("/")[1], pair.counterclaim_id.split("/")[1]
        assert pair.pair_id == f"{event}/{first}-{second}"
        other = by_id[f"{event}/{second}-{first}"]
        assert (other.claim, other.counterclaim) == (pair.counterclaim, pair.claim)
        assert (pair.label == "contradiction") == (other.label == "contradiction")
        assert (pair.label == "contradiction") == (pair.dispute is not None) == (pair.expression is not None)
        assert (pair.label == "neutral") == (pair.reason is not None)


def test_claims_stand_in_one_split_with_their_sources():
    seen = set()
    for split in SPLITS:
        claims = bench.load_claims(split)
        ids = {claim.claim_id for claim in claims}
        assert not ids & seen
        seen |= ids
        assert ids == {pair.claim_id for pair in bench.load_pairs(split)}
        for claim in claims:
            assert len(claim.urls) == len(claim.archive_urls) >= 1


def card_header():
    return yaml.safe_load((data_home() / "README.md").read_text("utf-8").split("---\n")[1])


def test_card_declares_the_features_of_the_tables():
    declared = {info["config_name"]: info["features"] for info in card_header()["dataset_info"]}
    assert declared == {table: features(table)._to_yaml_list() for table in TABLES}


def test_card_names_files_that_are_there():
    for config in card_header()["configs"]:
        for entry in config["data_files"]:
            assert (data_home() / entry["path"]).is_file()


@pytest.mark.parametrize("table", TABLES)
def test_load_dataset_is_the_table(table):
    rows = bench.load_dataset("validation", table)
    assert rows.features == features(table)
    assert rows.num_rows == len((data_home() / table / "validation.jsonl").read_text("utf-8").splitlines())


def test_labels_are_classes_in_the_standard_order():
    rows = bench.load_dataset("validation")
    assert rows.features["label"].names == list(LABELS) == ["entailment", "neutral", "contradiction"]
    pairs = bench.load_pairs("validation")
    assert [rows.features["label"].int2str(n) for n in rows["label"]] == [pair.label for pair in pairs]


HUB = """
import sys, datasets, msgspec, bench
datasets.disable_progress_bars()
folder, cache = sys.argv[1:]
for split in ("train", "validation", "test"):
    rows = datasets.load_dataset(folder, "pairs", split=split, cache_dir=cache)
    same = bench.load_dataset(split)
    assert rows.features == same.features, (rows.features, same.features)
    assert rows.to_list() == same.to_list()
for config in ("claims", "events"):
    rows = datasets.load_dataset(folder, config, split="test", cache_dir=cache)
    assert rows.to_list() == bench.load_dataset("test", config).to_list()
for config in datasets.get_dataset_config_names(folder):
    stream = datasets.load_dataset(folder, config, streaming=True)
    for split in stream:
        assert next(iter(stream[split]))
default = datasets.load_dataset(folder, split="test", streaming=True)
first = next(iter(default))
assert first["pair_id"] == bench.load_pairs("test")[0].pair_id
assert default.features["label"].names == ["entailment", "neutral", "contradiction"]
print("fine")
"""


@pytest.mark.slow
def test_hugging_face_loads_the_folder_offline(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", HUB, str(data_home()), str(tmp_path)],
        capture_output=True, text=True, cwd=ROOT,
        env={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stdout.strip() == "fine", done.stderr


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda rows: [b"{}", *rows[1:]],
            "test.jsonl:1: no row of pairs: Object missing required field `pair_id`",
        ),
        (lambda rows: [rows[0], b"oops", *rows[2:]], "test.jsonl:2: no row of pairs: JSON is malformed"),
        (lambda rows: [rows[0], *rows], "test.jsonl:2: e/c1-c2: pair_id is given twice, expected once"),
        (
            lambda rows: [rows[0].replace(b'"neutral"', b'"NEI"', 1), *rows[1:]],
            "test.jsonl:1: e/c1-c2: unknown label, expected one of entailment, neutral, contradiction, got 'NEI'",
        ),
    ],
)
def test_bad_table(change, expected, tmp_path, pair):
    rows = [msgspec.json.encode(pair(f"e/c1-c{n}")) for n in (2, 3, 4)]
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs" / "test.jsonl").write_bytes(b"\n".join(change(rows)) + b"\n")
    with pytest.raises(BadInputError) as caught:
        bench.load_pairs("test", tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/pairs/{expected}")


def test_no_such_split_table_or_manifest(tmp_path):
    with pytest.raises(
        BadInputError, match="no such split, expected one of train, validation, test, got 'dev'"
    ):
        bench.load_pairs("dev")
    with pytest.raises(
        BadInputError, match="no such table, expected one of pairs, claims, events, got 'rows'"
    ):
        bench.load_dataset("test", "rows")
    with pytest.raises(BadInputError, match="no such table"):
        bench.load_pairs("test", tmp_path)
    with pytest.raises(BadInputError, match="no readable manifest"):
        bench.load_manifest(tmp_path)
