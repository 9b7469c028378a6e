"""Every submission of `tests/corpus/submissions`, and those that no repository can hold, is refused with its message."""

import gzip
import json
import os
import socket
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.ids import PairIds
from bench.issues import BadInputError, Issues
from leaderboard.fields import FIELDS, read_fields, text_problem
from leaderboard.ranking import read_all
from leaderboard.submission import Target, read_submission
from leaderboard.validate import main
from tests.conftest import CORPUS, ROOT
from tests.leaderboard.samples import gold_file, gold_pairs, submit, target_of

PAIR_IDS = ["e1/c1-c2", "e1/c2-c1", "e1/c1-c3", "e1/c3-c1", "e2/c1-c2", "e2/c2-c1"]
TARGET = Target(PairIds(PAIR_IDS), None)
FITTING = target_of(gold_pairs())
CASES = sorted(path for path in (CORPUS / "submissions").iterdir() if path.is_dir())
GOOD = "".join(f'{{"pair_id":"{id}","label":"neutral"}}\n' for id in PAIR_IDS)


def folder_of(case):
    return next(path for path in case.iterdir() if path.is_dir())


def message(folder, target=TARGET):
    with pytest.raises(BadInputError) as caught:
        read_submission(folder, target)
    return str(caught.value).replace(f"{folder}/", "").replace(str(folder), folder.name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_message(case):
    text = message(folder_of(case))
    assert text + "\n" == (case / "expected").read_text()
    assert all(char.isprintable() or char == "\n" for char in text)


def test_there_are_enough():
    assert len(CASES) >= 40


@pytest.fixture
def folder(tmp_path):
    return submit(tmp_path / "submissions" / "a-system", gold_pairs())


def replaced(folder, name):
    (folder / name).unlink(missing_ok=True)
    return folder / name


@pytest.mark.parametrize("name", ["submission.yaml", "predictions.jsonl.gz", "validation.jsonl", "run.trec"])
def test_links_pipes_and_sockets_are_not_opened(folder, name, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("name: stolen\n")
    path = replaced(folder, name)
    for target in (secret, "/dev/zero", "/etc/passwd", tmp_path / "nowhere", path):
        path.symlink_to(target)
        assert message(folder, FITTING) == f"{name}: is a symbolic link, expected a regular file"
        path.unlink()
    os.mkfifo(path)
    assert message(folder, FITTING) == f"{name}: is a pipe, expected a regular file"
    path.unlink()
    monkeypatch.chdir(folder)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(name)
        assert message(folder, FITTING) == f"{name}: is a socket, expected a regular file"
    path.unlink()
    path.mkdir()
    assert message(folder, FITTING) == f"{name}: is a folder, expected a regular file"


def test_a_folder_that_is_a_link_is_not_entered(folder, tmp_path):
    (tmp_path / "b-system").symlink_to(folder)
    assert message(tmp_path / "b-system") == "b-system: is a symbolic link, expected a folder"
    (tmp_path / "c-system").symlink_to("/dev/zero")
    assert message(tmp_path / "c-system") == "c-system: is a symbolic link, expected a folder"
    (tmp_path / "d-system").write_text("")
    assert message(tmp_path / "d-system") == "d-system: is a file, expected a folder"


def test_a_device_is_no_submission():
    with pytest.raises(BadInputError, match="/dev/null: is a device, expected a folder"):
        read_submission("/dev/null", TARGET)


@pytest.mark.parametrize("name", ["..", "../..", "a-system/..", "a-system/../.."])
def test_a_slug_that_climbs(folder, name):
    with pytest.raises(BadInputError, match="the name of the folder is no slug"):
        read_submission(folder.parent / name, TARGET)


@pytest.mark.parametrize("slug", ["com1", "nul", "aux", "lpt9"])
def test_a_slug_that_some_systems_reserve(folder, slug):
    assert "the name of the folder is reserved on some systems" in message(
        folder.rename(folder.parent / slug)
    )


@pytest.mark.parametrize("name", ["::error file=x::y", "\n::error::x", "\u202efile", "-rf", "a" * 250, "..."])
def test_names_of_files_are_quoted(folder, name):
    (folder / name).write_text("")
    text = message(folder, FITTING)
    assert text.startswith("a-system: unknown file, expected submission.yaml, predictions.jsonl or")
    assert len(text.splitlines()) == 1
    assert all(char.isprintable() or char == "\n" for char in text)


def test_too_many_files(folder):
    for n in range(100):
        (folder / f"{n}").touch()
    assert "a-system: too many files, expected at most 4" in message(folder, FITTING)


def test_two_slugs_that_differ_by_case(tmp_path):
    pairs = gold_pairs()
    for slug in ("a-system", "A-System"):
        submit(tmp_path / slug, pairs)
    with pytest.raises(BadInputError) as caught:
        read_all(tmp_path, target_of(pairs))
    assert "'a-system' and 'A-System' differ by case alone, expected one of them" in str(caught.value)


def test_two_submissions_of_one_slug(folder, tmp_path, capsys):
    pairs = gold_pairs()
    other = submit(tmp_path / "a-system", pairs)
    gold = gold_file(tmp_path / "gold.jsonl", pairs)
    assert main([str(other), "--gold", str(gold), "--submissions", str(folder.parent)]) == 2
    assert (
        "a-system: there is a submission of this slug, expected a slug of its own" in capsys.readouterr().err
    )


def test_a_submission_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError):
        read_submission(folder_of(CORPUS / "submissions" / "yaml_tag_python"), TARGET)
    assert not list(tmp_path.iterdir())


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from bench.ids import PairIds
from bench.issues import BadInputError
from leaderboard.submission import Target, read_submission
ids = [f"e{n}/c1-c2" for n in range(2000)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_submission(sys.argv[1], Target(PairIds(ids), None))
except BadInputError as error:
    print(str(error)[:2000])
print("MiB", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def limited(folder):
    """The message, read in a process of bounded memory and time, and the MiB that reading took."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder)], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    text, _, size = done.stdout.rpartition("MiB")
    return text, int(size)


def write_bomb(path, block, times):
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(times):
            file.write(block)


ROW = b'{"pair_id":"e1/c1-c2","label":"neutral"}\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "times"),
    [(b"\0" * (1 << 20), 512), (b"\n" * (1 << 20), 512), (ROW * 10_000, 1000)],
    ids=["zeros", "blank lines", "ten million rows"],
)
def test_a_gzip_bomb(folder, block, times):
    write_bomb(replaced(folder, "predictions.jsonl.gz"), block, times)
    text, mebibytes = limited(folder)
    assert "predictions.jsonl.gz: file is too large, expected at most 3,096,576 bytes, unpacked" in text
    assert mebibytes < 64


def test_a_gzip_of_many_members(folder):
    path = replaced(folder, "predictions.jsonl.gz")
    path.write_bytes(gzip.compress(b"\n" * (1 << 16)) * 2000)
    text, mebibytes = limited(folder)
    assert "file is too large" in text
    assert mebibytes < 64


@pytest.mark.slow
def test_a_gzip_bomb_in_a_bomb(folder, tmp_path):
    write_bomb(tmp_path / "inner", b"\0" * (1 << 20), 64)
    write_bomb(replaced(folder, "predictions.jsonl.gz"), (tmp_path / "inner").read_bytes(), 1)
    text, _ = limited(folder)
    assert "predictions.jsonl.gz:1: not UTF-8" in text or "not JSON" in text or "line is too long" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["submission.yaml", "predictions.jsonl", "validation.jsonl", "run.trec"])
def test_a_file_of_ten_gigabytes(folder, name):
    replaced(folder, "predictions.jsonl.gz")
    path = replaced(folder, name)
    with path.open("wb") as file:
        file.truncate(10 << 30)  # sparse
    text, mebibytes = limited(folder)
    assert f"{name}: " in text
    assert mebibytes < 64


def test_long_ids_make_no_long_message(folder):
    path = replaced(folder, "predictions.jsonl.gz")
    path.write_bytes(
        gzip.compress(
            "".join(f'{{"pair_id":"{"x" * 60_000}{n}","label":"neutral"}}\n' for n in range(40)).encode()
        )
    )
    assert len(message(folder, FITTING)) < 120_000


def test_what_validate_prints_is_plain(folder, tmp_path, capsys):
    pairs = gold_pairs()
    gold = gold_file(tmp_path / "gold.jsonl", pairs)
    fields = (folder / "submission.yaml").read_text()
    (folder / "submission.yaml").write_text(
        fields.replace("A system", '"[link=https://evil.example]x[/link] [bold]"')
    )
    assert main([str(folder), "--gold", str(gold)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a-system would take rank 1 of 1" in out


def test_json_of_the_report_is_text(folder, tmp_path):
    """What the board writes of a name is a JSON string: nothing in it can end it."""
    from leaderboard.ranking import archived, build_board

    fields = (folder / "submission.yaml").read_text()
    (folder / "submission.yaml").write_text(fields.replace("A system", '"\\"}]</script><script>"'))
    board = build_board(folder.parent, target=target_of(gold_pairs()), replicates=10)
    from bench.files import to_json

    assert json.loads(to_json(archived(board)))["entries"][0]["submission"]["name"] == '"}]</script><script>'


YAML = st.lists(
    st.sampled_from(
        [
            *FIELDS,
            ":",
            ": ",
            "\n",
            "\n  ",
            "- ",
            "? ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "&a",
            "*a",
            "!t ",
            "!!int ",
            "<<",
            "|",
            ">",
        ]
        + [
            '"',
            "'",
            "\\",
            "\\UFFFFFFFF",
            "\\xZZ",
            "%YAML 1.1\n",
            "%TAG ! x\n",
            "---\n",
            "...\n",
            "#",
            "\t",
            "\r",
            "\0",
        ]
        + ["\ufeff", "\u2028", "\u202e", "2026-11-01", "no", "0x1", ".inf", "=", "@", "`"]
    ),
    max_size=30,
).map("".join)


@given(st.binary(max_size=300) | YAML.map(str.encode))
@example(b'name: "\\UFFFFFFFF"\n')
@example(b"%YAML 99999999999999999999.1\n---\nname: x\n")
@example(b"name: |9999999999\n  x\n")
@example(b"name: &" + b"a" * 10_000 + b" x\n")
@settings(max_examples=300, deadline=None)
def test_fields_of_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "submission.yaml"
    path.write_bytes(content)
    issues = Issues()
    values = read_fields(path, issues)
    assert (values is None) == bool(issues.errors)
    for issue in issues.errors:
        assert str(issue).isprintable()
    for value in (values or {}).values():
        assert isinstance(value, int | float) or (value and text_problem(value) == "")
