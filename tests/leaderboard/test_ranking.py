"""The board: order, ranks, what is written of it, and what older data left."""

import hashlib

import msgspec
import pytest

from bench.comparison import compare_columns
from bench.files import to_json
from bench.issues import BadInputError
from bench.scoring import score_columns
from leaderboard import ranking
from leaderboard.ranking import Board, archived, build_board, read_all, read_archives
from leaderboard.submission import submissions_home
from tests.leaderboard.samples import gold_pairs, submit, target_of

PAIRS = gold_pairs(events=30)
TARGET = target_of(PAIRS)
SKILLS = {"good": 0.9, "fair": 0.5, "poor": 0.1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("submissions")
    for n, (slug, skill) in enumerate(SKILLS.items()):
        submit(folder / slug, PAIRS, skill, seed=n, team=f"Team {slug}")
    submit(folder / "fair-again", PAIRS, SKILLS["fair"], seed=1, team="Team fair", date="2026-11-02")
    return folder


@pytest.fixture(scope="module")
def board(folder):
    return build_board(folder, target=TARGET, replicates=500)


def test_order_is_by_f1_and_equal_scores_share_a_rank(board):
    assert [entry.slug for entry in board.entries] == ["good", "fair", "fair-again", "poor"]
    assert [entry.position for entry in board.entries] == [1, 2, 2, 4]
    values = [entry.report.headline.value for entry in board.entries]
    assert values == sorted(values, reverse=True)
    fair, again = board.entries[1:3]
    assert (fair.best_rank, fair.worst_rank) == (again.best_rank, again.worst_rank)


def test_ranks_are_those_of_the_comparison(board, folder):
    sent = read_all(folder, TARGET)
    comparison = compare_columns(TARGET.gold, {one.slug: one.predictions for one in sent}, replicates=500)
    assert board.comparison == comparison
    for entry, standing in zip(board.entries, comparison.standings, strict=True):
        assert entry.slug == standing.name
        assert entry.tied_with == standing.tied_with
        assert entry.rank == "–".join(str(n) for n in sorted({standing.best_rank, standing.worst_rank}))
    assert board.entries[0].rank == "1"
    assert board.entries[0].tied_with == []
    assert board.entries[1].tied_with[:1] == ["fair-again"]


def test_a_row_is_rescored_and_names_its_predictions(board, folder):
    for entry in board.entries:
        content = (folder / entry.slug / "predictions.jsonl.gz").read_bytes()
        assert entry.predictions_sha256 == hashlib.sha256(content).hexdigest()
        assert entry.report.system.predictions_sha256 == entry.predictions_sha256
        assert entry.report.signature == board.signature
    one = read_all(folder, TARGET)[0]
    assert board.entries[1].report == score_columns(
        TARGET.gold, one.predictions, name="A system", kind="open", replicates=500
    )


def test_a_second_submission_of_the_same_score_moves_nothing(board):
    fair, again = board.entries[1:3]
    assert fair.accepted
    assert not again.accepted
    assert again.public_f1 == fair.public_f1 == round(fair.report.headline.value, 3)


def test_same_files_same_board_in_one_process_or_many(board, folder, monkeypatch):
    monkeypatch.setattr(ranking, "_SHARE", 1)
    monkeypatch.setattr(ranking.os, "cpu_count", lambda: 2)
    assert to_json(build_board(folder, target=TARGET, replicates=500)) == to_json(board)


def test_a_baseline_climbs_no_ladder(tmp_path):
    for n in range(3):
        submit(tmp_path / f"s{n}", PAIRS, 0.5, seed=7, kind="baseline", date=f"2026-11-0{n + 1}")
    board = build_board(tmp_path, target=TARGET, replicates=10)
    assert all(entry.accepted and entry.public_f1 == entry.report.headline.value for entry in board.entries)


def test_one_submission_is_a_board(tmp_path):
    submit(tmp_path / "alone", PAIRS)
    (entry,) = build_board(tmp_path, target=TARGET, replicates=10).entries
    assert (entry.rank, entry.position, entry.tied_with) == ("1", 1, [])


def test_no_submission_is_no_board(tmp_path):
    with pytest.raises(BadInputError, match="no submission in this folder"):
        build_board(tmp_path, target=TARGET)
    with pytest.raises(BadInputError, match="cannot be read"):
        build_board(tmp_path / "absent", target=TARGET)


def test_problems_of_all_submissions_are_listed_at_once(tmp_path):
    for slug in ("a", "b"):
        submit(tmp_path / slug, PAIRS, kind="best")
    (tmp_path / "stray.txt").write_text("")
    with pytest.raises(BadInputError) as caught:
        build_board(tmp_path, target=TARGET)
    assert len(caught.value.issues) == 4
    assert "stray.txt: is a file, expected a folder" in str(caught.value)


def test_an_archive_is_read_back(board, tmp_path):
    small = archived(board)
    assert len(to_json(small)) < len(to_json(board)) / 3
    older = msgspec.structs.replace(small, data=msgspec.structs.replace(small.data, name="1.9.0/test"))
    newer = msgspec.structs.replace(small, data=msgspec.structs.replace(small.data, name="1.10.0/test"))
    (tmp_path / "1.9.0.json").write_bytes(to_json(older))
    (tmp_path / "1.10.0.json").write_bytes(to_json(newer))
    assert read_archives(tmp_path) == [newer, older]
    (tmp_path / "2.0.0.json").write_text("{}")
    with pytest.raises(BadInputError, match=r"2\.0\.0\.json: not a board"):
        read_archives(tmp_path)


@pytest.mark.slow
def test_the_command_prints_and_archives(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ranking, "archive_home", lambda: tmp_path)
    assert ranking.main(["--archive"]) == 0
    out = capsys.readouterr().out
    assert "Contradiction F1, best first" in out
    (path,) = tmp_path.iterdir()
    board = msgspec.json.decode(path.read_bytes(), type=Board)
    assert f"data:{path.stem}/test@" in board.signature
    assert {entry.slug for entry in board.entries} == {path.name for path in submissions_home().iterdir()}
