"""`python -m leaderboard.init`: a folder that only its words wait for."""

import datetime as dt
import gzip

import pytest
import yaml

from bench.predictions import write_predictions
from leaderboard import init, validate
from leaderboard.fields import FIELDS
from leaderboard.submission import read_submission, submissions_home
from tests.leaderboard.samples import gold_pairs, predictions, target_of

PAIRS = gold_pairs()
TARGET = target_of(PAIRS)
WORDS = {
    "name": 'Système 1: the "first"',
    "team": "A team",
    "kind": "open",
    "training-data": "Nothing: # not even this.",
    "test-seen": "no",
    "licence": "MIT",
    "contact": "@someone",
}


@pytest.fixture
def files(tmp_path):
    """Predictions, and the texts of the round that they are for."""
    path, texts = tmp_path / "mine.jsonl", tmp_path / "pairs.jsonl"
    write_predictions(path, predictions(PAIRS, 0.5))
    from leaderboard.seal import texts_of

    texts.write_bytes(texts_of(PAIRS))
    return path, texts, tmp_path / "submissions"


def run(files, *options, slug="a-system"):
    path, texts, out = files
    return init.main(
        [slug, "--predictions", str(path), "--texts", str(texts), "--submissions", str(out), *options]
    )


def test_what_is_to_be_filled_in_is_told_with_its_line(files, capsys):
    assert run(files) == 0
    folder = files[2] / "a-system"
    assert str(folder) in capsys.readouterr().out
    assert validate.main([str(folder), "--texts", str(files[1])]) == 2
    lines = capsys.readouterr().err.splitlines()
    required = [name for name, field in FIELDS.items() if field.required and name != "date"]
    text = (folder / "submission.yaml").read_text().splitlines()
    for name in required:
        number = text.index(f"{name}:") + 1
        assert any(
            line.startswith(f"{folder}/submission.yaml:{number}: {name} is still to be filled in")
            for line in lines
        )
    assert lines[-1] == f"{len(required)} problems"


def test_options_fill_fields_in(files, capsys):
    assert (
        run(
            files,
            *(part for name, text in WORDS.items() for part in (f"--{name}", text)),
            "--parameters",
            "66000000",
        )
        == 0
    )
    folder = files[2] / "a-system"
    assert validate.main([str(folder), "--texts", str(files[1])]) == 0
    assert "a-system is sound; the labels of this round are sealed" in capsys.readouterr().out
    submission = read_submission(folder, TARGET).submission
    for name, text in WORDS.items():
        assert getattr(submission, name.replace("-", "_")) == text
    assert submission.parameters == 66000000
    assert submission.date == dt.datetime.now(dt.UTC).date().isoformat()
    assert yaml.safe_load((folder / "submission.yaml").read_text())["name"] == WORDS["name"]


def test_every_field_is_explained(files):
    run(files)
    text = " ".join((files[2] / "a-system" / "submission.yaml").read_text().replace("\n# ", " ").split())
    for field in FIELDS.values():
        assert field.meaning in text


def test_same_rows_same_bytes_whatever_they_came_in(files, tmp_path):
    path, texts, out = files
    run(files)
    with gzip.open(tmp_path / "mine.jsonl.gz", "wb", compresslevel=1) as file:
        file.write(path.read_bytes())
    run((tmp_path / "mine.jsonl.gz", texts, out), slug="b-system")
    one, other = ((out / slug / "predictions.jsonl.gz").read_bytes() for slug in ("a-system", "b-system"))
    assert one == other
    assert gzip.decompress(one) == path.read_bytes()


@pytest.mark.parametrize(
    ("options", "slug", "expected"),
    [
        (
            ["--kind", "best"],
            "a-system",
            "--kind: kind is not what it should be, expected one of baseline, open, closed, got 'best'",
        ),
        (
            [],
            "A System",
            "SLUG: the name of the folder is no slug, expected 1 to 40 of a-z, 0-9 and -, got 'A System'",
        ),
        (
            [],
            "../escape",
            "SLUG: the name of the folder is no slug, expected 1 to 40 of a-z, 0-9 and -, got '../escape'",
        ),
        (["--validation", "absent.jsonl"], "a-system", "absent.jsonl: no validation split in this round"),
        (["--run", "absent.trec"], "a-system", "absent.trec: no retrieval task in this round"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(files, capsys, options, slug, expected):
    assert run(files, *options, slug=slug) == 2
    assert expected in capsys.readouterr().err
    assert not files[2].exists()


def test_bad_predictions_and_a_slug_that_is_taken(files, capsys):
    assert run(files) == 0
    files[0].write_text('{"pair_id":"x","label":"neutral"}\n')
    assert run(files) == 2
    error = capsys.readouterr().err
    assert "a-system: is there already, expected another slug" in error
    assert "mine.jsonl:1: x: unknown pair_id" in error


def test_parquet_is_refused(files, tmp_path, capsys):
    path = tmp_path / "mine.parquet"
    write_predictions(path, predictions(PAIRS, 0.5))
    assert run((path, *files[1:])) == 2
    assert "mine.parquet: unknown kind of file, expected .jsonl or .jsonl.gz" in capsys.readouterr().err


def test_the_baselines_are_made_by_one_command(tmp_path, capsys):
    assert init.main(["--baselines", "majority", "negation", "--submissions", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("Written to") == 2
    for slug in ("majority", "negation"):
        found, shipped = (folder / slug / "predictions.jsonl.gz" for folder in (tmp_path, submissions_home()))
        assert found.read_bytes() == shipped.read_bytes()
    assert validate.main([str(tmp_path / "negation"), "--submissions", str(tmp_path)]) == 0


def test_unknown_baselines_and_options_that_lack(capsys):
    for arguments in (["--baselines", "nothing"], ["slug"], []):
        with pytest.raises(SystemExit) as caught:
            init.main(arguments)
        assert caught.value.code == 2
    assert "unknown baseline nothing" in capsys.readouterr().err
