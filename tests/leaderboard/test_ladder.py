"""The Ladder: its standard error against independent ones, its steps by hand, and what it prevents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard import simulation
from leaderboard.ladder import STEP, Ladder, climb, f1_of, influences, standard_error, team_key


def random_counts(events, seed):
    return np.random.default_rng(seed).integers(0, 12, (events, 2, 2)).astype(float)


def counts(tp, fp, fn):
    """One event for each entry."""
    return np.array([[[5, b], [c, a]] for a, b, c in zip(tp, fp, fn, strict=True)], float)


def test_f1_by_hand():
    assert f1_of(counts([3, 1], [1, 1], [2, 0])) == 8 / 12
    assert f1_of(counts([0, 0], [0, 0], [0, 0])) == 0


def test_influences_by_hand():
    # F1 = 8 / 12; d = (2 tp - F1 (2 tp + fp + fn)) / 12
    assert influences(counts([3, 1], [1, 1], [2, 0])) == pytest.approx(
        [(6 - 2 / 3 * 9) / 12, (2 - 2 / 3 * 3) / 12]
    )


@given(st.integers(0, 1000))
def test_influences_sum_to_nothing(seed):
    assert influences(random_counts(20, seed)).sum() == pytest.approx(0, abs=1e-12)


def test_standard_error_is_that_of_the_bootstrap_and_of_the_jackknife():
    new, best = random_counts(150, 1), random_counts(150, 2)
    error = standard_error(new, best)
    weights = np.random.default_rng(3).multinomial(150, np.full(150, 1 / 150), 4000)
    drawn = [f1_of(new * w[:, None, None]) - f1_of(best * w[:, None, None]) for w in weights]
    assert error == pytest.approx(np.std(drawn), rel=0.05)
    left_out = [f1_of(np.delete(new, e, 0)) - f1_of(np.delete(best, e, 0)) for e in range(150)]
    assert error == pytest.approx(np.sqrt(149 * np.var(left_out)), rel=0.02)


def test_a_system_does_not_differ_from_itself():
    one = random_counts(50, 1)
    assert standard_error(one, one) == 0
    assert standard_error(one[:1], one[:1]) == np.inf


def better(base, events):
    """The counts with one false alarm turned right in each of the first events."""
    made = base.copy()
    made[:events, 0, 1] -= 1
    made[:events, 0, 0] += 1
    return made


def test_the_best_moves_by_more_than_a_step_alone():
    base = counts([5] * 100, [5] * 100, [5] * 100)  # F1 0.5
    ladder = Ladder()
    assert ladder.submit(base) == (0.5, True)
    assert ladder.submit(base) == (0.5, False)
    assert f1_of(better(base, 50)) - 0.5 == pytest.approx(0.0128, abs=1e-4)
    small = better(base, 30)
    assert 0.007 < f1_of(small) - 0.5 < STEP
    assert ladder.submit(small) == (0.5, False)
    assert ladder.submit(better(base, 50)) == (round(f1_of(better(base, 50)), 3), True)
    assert ladder.submit(base) == (round(f1_of(better(base, 50)), 3), False)


def test_a_noisy_gain_of_more_than_the_least_step_is_not_enough():
    base, other = random_counts(40, 5), random_counts(40, 6)
    low, high = sorted((base, other), key=f1_of)
    gain, error = f1_of(high) - f1_of(low), standard_error(high, low)
    assert STEP < gain < error
    ladder = Ladder()
    ladder.submit(low)
    assert not ladder.submit(high).accepted


def test_teams_climb_apart_in_order_of_date():
    base = counts([5] * 100, [5] * 100, [5] * 100)
    top = better(base, 90)
    rungs = climb(
        [
            ("A  Team", "2026-11-03", "third", base),
            ("a team", "2026-11-01", "first", base),
            ("A Team", "2026-11-02", "second", top),
            ("Another", "2026-11-04", "other", base),
        ]
    )
    assert rungs["first"] == (0.5, True)
    assert rungs["second"] == (round(f1_of(top), 3), True)
    assert rungs["third"] == (round(f1_of(top), 3), False)
    assert rungs["other"] == (0.5, True)


@pytest.mark.parametrize("other", ["a  TEAM", " A Team ", "Ａ Team"])
def test_a_team_is_one_however_it_is_written(other):
    assert team_key("A team") == team_key(other)


@pytest.mark.slow
def test_what_the_ladder_prevents():
    found = simulation.run(range(2))
    for attack in simulation.ATTACKS:
        plain, ladder = found[attack, "plain"], found[attack, "Ladder"]
        assert plain.true == pytest.approx(0.25, abs=0.01)  # 2pq / (p + q) of p = 1/6, q = 1/2
        assert ladder.true == pytest.approx(0.25, abs=0.01)
        assert plain.public - plain.true > 0.05
        assert ladder.public - ladder.true < 0.6 * (plain.public - plain.true)
        assert ladder.moves < plain.moves / 2
    assert found["climbing", "Ladder"].public - 0.25 < 0.02
    assert found["climbing", "standard error alone"].public - 0.25 > 0.04


def test_the_simulation_prints_its_table(capsys, monkeypatch):
    monkeypatch.setattr(simulation, "ROUNDS", 20)
    monkeypatch.setattr(simulation, "SEEDS", 1)
    simulation.main()
    out = capsys.readouterr().out
    assert out.count("boosting") == out.count("climbing") == len(simulation.BOARDS)
