import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.consistency import exact, swap, triads

E, N, C = 0, 1, 2


def arrays(rows):
    """(event, claims, value) of rows (event, first, second, value)."""
    rows = np.array(rows)
    return rows[:, 0], rows[:, 1:3] + 100 * rows[:, :1], rows[:, 3]


def test_swap_by_hand():
    rows = [(0, 1, 2, 1), (0, 2, 1, 0), (0, 1, 3, 1), (0, 3, 1, 1), (1, 1, 2, 0), (1, 2, 1, 0), (1, 2, 3, 1)]
    event, claims, said = arrays(rows)
    gold = np.ones(len(rows), bool)
    assert swap(event, 3, claims, gold, said.astype(bool)).tolist() == [[1, 2], [0, 1], [0, 0]]
    gold[2] = False  # one direction alone is no case
    assert swap(event, 3, claims, gold, said.astype(bool)).tolist() == [[1, 1], [0, 1], [0, 0]]


def test_triads_by_hand():
    # a => b, b => c, but a is said to be neutral to c; b contradicts d: a must too, and does not; c ... nothing
    rows = [(0, 1, 2, E), (0, 2, 3, E), (0, 1, 3, N), (0, 2, 4, C), (0, 1, 4, N), (0, 4, 1, N)]
    event, claims, predicted = arrays(rows)
    assert triads(event, 1, claims, predicted).tolist() == [[2, 2]]
    predicted[2] = E
    assert triads(event, 1, claims, predicted).tolist() == [[1, 2]]


def test_exact_by_hand():
    event, right = np.array([0, 0, 1, 1, 3]), np.array([True, True, True, False, True])
    assert exact(event, 4, right).tolist() == [[1, 1], [0, 1], [0, 0], [1, 1]]


def brute_force(event, events, claims, predicted):
    label = {(e, a, b): p for e, (a, b), p in zip(event, claims.tolist(), predicted, strict=True)}
    found = np.zeros((events, 2))
    for e in range(events):
        names = sorted({c for (k, a, b) in label if k == e for c in (a, b)})
        for a, b, c in itertools.permutations(names, 3):
            first, second, third = (label.get((e, *pair)) for pair in ((a, b), (b, c), (a, c)))
            if first == E and second in (E, C) and third is not None:
                found[e] += [third != second, 1]
    return found


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5), st.integers(0, 2)),
        min_size=1, max_size=60, unique_by=lambda row: row[:3],
    )
)  # fmt: skip
def test_triads_agree_with_counting_one_by_one(rows):
    rows = [row for row in rows if row[1] != row[2]]
    if rows:
        event, claims, predicted = arrays(rows)
        np.testing.assert_array_equal(
            triads(event, 4, claims, predicted), brute_force(event, 4, claims, predicted)
        )


def test_gold_labels_break_no_triad():
    """The closure of the annotation, seen through the metric."""
    import bench
    from bench.gold import gold_of

    for split in ("train", "validation", "test"):
        gold = gold_of(bench.load_pairs(split))
        broken, forced = triads(gold.event, gold.events, gold.claims, gold.label).sum(0)
        assert broken == 0
        assert forced > 30
        assert swap(gold.event, gold.events, gold.claims, gold.label == C, gold.label == C)[:, 0].sum() == 0


def test_no_pairs():
    empty = np.empty(0, np.int64)
    assert triads(empty, 2, empty.reshape(0, 2), empty).sum() == 0
    assert swap(empty, 2, empty.reshape(0, 2), empty.astype(bool), empty.astype(bool)).sum() == 0
    assert pytest.approx(0) == exact(empty, 2, empty.astype(bool)).sum()
