import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from bench.agreement import against_rest, agreement, report, three_way
from bench.build import read_release
from bench.events import read_events
from tests.conftest import CORPUS


def test_by_hand():
    # 10 items, 8 agreements; marginals 6/4 and 6/4
    votes = [("a", "a")] * 5 + [("b", "b")] * 3 + [("a", "b"), ("b", "a")]
    found = agreement(votes)
    assert found.observed == 0.8
    assert found.kappa == pytest.approx((0.8 - 0.52) / 0.48)
    # 20 values, 12 a and 8 b: expected agreement (12*11 + 8*7) / (20*19)
    assert found.alpha == pytest.approx(1 - 0.2 / (1 - 188 / 380))


def test_krippendorffs_own_example():
    """Content Analysis, 4th ed., section 12.3.1: two observers, ten binary units, alpha 0.095."""
    one, other = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert agreement(zip(one, other, strict=True)).alpha == pytest.approx(0.095, abs=0.0005)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=50))
def test_kappa_is_that_of_scikit_learn(votes):
    found = agreement(votes)
    if found.kappa is not None:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*votes, strict=True)))


def test_undefined():
    assert agreement([]).observed is None
    assert agreement([("a", "a")] * 3).kappa is None
    assert agreement([("a", "a")] * 3).alpha is None


def test_folding():
    names = ("entails", "entailed_by", "equivalence", "neutral", "contradiction")
    assert [three_way(name) for name in names] == ["entailment"] * 3 + ["neutral", "contradiction"]
    assert [against_rest(name) for name in names] == ["other"] * 4 + ["contradiction"]


def test_report_reads_the_votes():
    import msgspec

    (event,) = read_events(CORPUS / "valid", read_release().canary)
    votes = {
        ("c1", "c2"): ["contradiction:status:antonym", "contradiction:status:lexical"],
        ("c1", "c3"): ["entails", "neutral:supports", "entails"],
        ("c1", "c4"): ["neutral:hedge", "neutral:no_comment"],
        ("c1", "c5"): ["neutral:hedge", "contradiction:time:value", "entails"],
    }
    pairs = [msgspec.structs.replace(pair, votes=votes.get((pair.a, pair.b), [])) for pair in event.pairs]
    found = report([msgspec.structs.replace(event, pairs=pairs)])
    assert found.pairs == 4
    assert found.third_readings == 2
    assert found.ambiguous == 1
    assert found.five_way.observed == 0.5
    assert found.axes.dispute.observed == 1
    assert found.axes.expression.observed == 0
    assert found.axes.reason.observed == 0
    assert found.confusion["neutral"] == {"contradiction": 1, "neutral": 1}
    assert found.by_domain["society"].units == 4
