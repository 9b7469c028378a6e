import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import resample
from bench.resample import event_counts, event_weights, interval


def test_every_replicate_draws_as_many_events_as_there_are():
    weights = np.concatenate(list(event_weights(7, 1000, 0)))
    assert weights.shape == (1000, 7)
    assert (weights.sum(1) == 7).all()
    # Each event is drawn once in the mean, with the variance of a multinomial.
    np.testing.assert_allclose(weights.mean(0), 1, atol=0.15)
    assert weights.var() == pytest.approx(6 / 7, abs=0.05)


@given(width=st.integers(1, 5_000_000))
def test_draws_do_not_hang_on_the_size_of_a_block(width):
    one = np.concatenate(list(event_weights(11, 200, 3)))
    np.testing.assert_array_equal(one, np.concatenate(list(event_weights(11, 200, 3, width))))


def test_seeds_differ():
    one, other = (np.concatenate(list(event_weights(11, 50, seed))) for seed in (0, 1))
    assert (one != other).any()


def test_blocks_are_bounded(monkeypatch):
    monkeypatch.setattr(resample, "_CELLS", 100)
    assert [len(block) for block in event_weights(10, 25, 0)] == [10, 10, 5]


def test_event_counts_by_hand():
    counts = event_counts(np.array([0, 2, 2]), np.array([0, 2, 1]), np.array([0, 0, 1]), 2, 3)
    assert counts.tolist() == [[[1, 0, 0], [0, 0, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, 0], [0, 1, 0]]]


def test_interval_leaves_out_what_is_undefined():
    assert interval(np.array([np.nan, *np.linspace(0, 1, 101)])) == pytest.approx((0.025, 0.975))
    assert interval(np.array([np.nan, np.nan])) is None


@given(st.integers(0, 10_000))
def test_both_ways_to_a_curve_agree(seed):
    generator = np.random.default_rng(seed)
    n, events = int(generator.integers(2, 40)), 4
    positive = generator.random(n) < 0.4
    positive[0] = True
    score, event = generator.integers(0, 8, n) / 8, generator.integers(0, events, n)
    weights = generator.integers(0, 4, (6, events)).astype(float)
    dense = resample.Ranking(positive, score, event, events)
    sparse = resample.Ranking(positive, score, event, events)
    sparse._dense = None
    for one, other in zip(dense.curve(weights), sparse.curve(weights), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(dense.curve(weights), dense.curve(weights.astype(np.float32)), strict=True):
        np.testing.assert_array_equal(one, other)
