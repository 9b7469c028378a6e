import json

import pytest

from bench.files import data_home
from bench.load import TABLES, load_manifest
from bench.schema import SPLITS

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def dataset():
    import mlcroissant

    return mlcroissant.Dataset(str(data_home() / "croissant.json"))


def test_mlcroissant_finds_no_fault(dataset):
    assert dataset.metadata.issues.errors == set()
    assert dataset.metadata.issues.warnings == set()


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_records_are_the_rows(dataset, table):
    record = next(iter(dataset.records(f"{table}/test")))
    row = json.loads((data_home() / table / "test.jsonl").read_text("utf-8").partition("\n")[0])
    assert {key.rpartition("/")[2] for key in record} == set(row)
    first = next(iter(row))
    assert record[f"{table}/test/{first}"].decode() == row[first]
    assert record[f"{table}/test/date" if "date" in row else f"{table}/test/asserted"] is not None


def test_every_table_is_described():
    document = json.loads((data_home() / "croissant.json").read_text("utf-8"))
    assert {entry["contentUrl"]: entry["sha256"] for entry in document["distribution"]} == load_manifest()[
        "sha256"
    ]
    assert {entry["name"] for entry in document["recordSet"]} == {f"{t}/{s}" for t in TABLES for s in SPLITS}
    assert "http://mlcommons.org/croissant/RAI/1.0" in document["conformsTo"]
    assert document["rai:machineAnnotationTools"]
