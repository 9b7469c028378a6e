import json

import numpy as np
import pytest

import bench
from bench.comparison import compare_columns, exceedances, holm
from bench.gold import gold_of
from bench.metrics import METRICS
from bench.predictions import from_records
from bench.schema import Prediction
from tests.bench.test_scoring import synthetic
from tests.conftest import make_pair


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@pytest.fixture
def files(tmp_path):
    """Gold pairs, and files that are right on all, on most and on few of the contradictions."""
    pairs, _ = synthetic(40)
    paths = {}
    for name, share in (("best", 1.0), ("good", 0.9), ("twin", 0.9), ("bad", 0.2)):
        generator = np.random.default_rng(1)
        rows = [
            Prediction(pair_id=p.pair_id, label=p.label if generator.random() < share else "neutral")
            for p in pairs
        ]
        paths[name] = tmp_path / f"{name}.jsonl"
        bench.write_predictions(paths[name], rows)
    return pairs, paths


def test_compare(files):
    pairs, paths = files
    comparison = bench.compare(pairs, paths, replicates=999)
    assert [standing.name for standing in comparison.standings] == ["best", "good", "twin", "bad"]
    by_name = {standing.name: standing for standing in comparison.standings}
    assert by_name["good"].tied_with == ["twin"]
    assert (by_name["good"].best_rank, by_name["good"].worst_rank) == (2, 3)
    assert (by_name["best"].best_rank, by_name["best"].worst_rank) == (1, 1)
    assert (by_name["bad"].best_rank, by_name["bad"].worst_rank) == (4, 4)
    pair = {(d.first, d.second): d for d in comparison.differences}
    assert pair["good", "twin"].difference.value == 0
    assert pair["good", "twin"].p == 1
    assert pair["best", "bad"].p == pytest.approx(1 / 1000)
    assert pair["best", "bad"].difference.low > 0
    assert by_name["best"].figure.value == bench.score(pairs, paths["best"], replicates=0).headline.value


def test_one_system_is_no_comparison(files):
    pairs, paths = files
    with pytest.raises(ValueError, match="two systems or more"):
        bench.compare(pairs, {"best": paths["best"]})


def test_randomisation_agrees_with_scipy():
    """The p-value is that of scipy's paired permutation test over events."""
    from scipy.stats import permutation_test

    generator = np.random.default_rng(5)
    first = generator.integers(0, 6, size=(9, 2, 2)).astype(float)
    second = first[::-1] + generator.integers(0, 3, size=(9, 2, 2))
    f1 = METRICS["contradiction_f1"].function

    def statistic(one, other, axis):
        return f1(one.sum(axis).reshape(-1, 2, 2))[0] - f1(other.sum(axis).reshape(-1, 2, 2))[0]

    exact = permutation_test(
        (np.arange(9), np.arange(9) + 9),
        lambda a, b, axis=-1: statistic(*(np.concatenate([first, second])[ids] for ids in (a, b)), axis=0),
        permutation_type="samples", n_resamples=np.inf, vectorized=False,
    )  # fmt: skip
    (found,) = exceedances(np.stack([first, second], 1), 50_000, 0)
    assert found / 50_000 == pytest.approx(exact.pvalue, abs=0.01)


def test_many_systems_can_still_be_told_apart():
    """Holm multiplies the smallest p-value by the number of pairs, which 10,000 randomisations would not survive."""
    pairs = [make_pair(f"e{n}/c1-c2", "contradiction" if n % 2 else "neutral") for n in range(60)]
    gold = gold_of(pairs)
    right = [Prediction(pair_id=pair.pair_id, label=pair.label) for pair in pairs]
    wrong = [Prediction(pair_id=pair.pair_id, label="neutral") for pair in pairs]
    systems = {f"s{n}": from_records(right if n < 6 else wrong, gold.pair_ids) for n in range(12)}
    found = compare_columns(gold, systems, replicates=100)
    assert found.randomisations == 2 * 66 / 0.05
    assert [(row.best_rank, row.worst_rank) for row in found.standings] == [(1, 6)] * 6 + [(7, 12)] * 6


def test_an_undefined_difference_is_none():
    """Without contradictions, in gold or predicted, there is no F1; nobody is better."""
    counts = np.zeros((5, 2, 2, 2))
    counts[..., 0, 0] = 3
    assert exceedances(counts, 100, 0).tolist() == [100]


def test_contrast_tells_where(files):
    pairs, paths = files
    found = bench.contrast(pairs, {name: paths[name] for name in ("best", "bad")}, replicates=200)
    assert found.headline.difference.value > 0.5
    recall = {(part.field, part.value): part for part in found.slices}["dispute", "status"]
    assert recall.metric == "contradiction_recall"
    assert recall.first == 1
    assert recall.difference.low > 0
    contradictions = {pair.pair_id for pair in pairs if pair.label == "contradiction"}
    assert found.only_second == []
    assert set(found.only_first) < contradictions
    assert recall.second == pytest.approx(1 - len(found.only_first) / len(contradictions))


def test_contrast_needs_two(files):
    pairs, paths = files
    with pytest.raises(ValueError, match="exactly two"):
        bench.contrast(pairs, paths)


def test_without_replicates_there_are_values_without_intervals(tmp_path):
    files = {"one": tmp_path / "one.jsonl", "other": tmp_path / "other.jsonl"}
    pairs = bench.load_pairs("validation")
    bench.write_predictions(
        files["one"], [Prediction(pair_id=pair.pair_id, label=pair.label) for pair in pairs]
    )
    bench.write_predictions(
        files["other"], [Prediction(pair_id=pair.pair_id, label="neutral") for pair in pairs]
    )
    best, worst = bench.compare(pairs, files, replicates=0).standings
    assert (best.name, best.figure.value, best.figure.low, worst.figure.value) == ("one", 1, None, 0)
    assert all(part.difference.low is None for part in bench.contrast(pairs, files, replicates=0).slices)


def test_too_few_events_for_slices_are_contrasted_as_a_whole(files):
    pairs, paths = files
    few = {pair.event_id for pair in pairs[:2]}
    pairs = [pair for pair in pairs if pair.event_id in few]
    kept = {pair.pair_id for pair in pairs}
    chosen = {}
    for name in ("best", "bad"):
        lines = paths[name].read_text().splitlines()
        chosen[name] = paths[name].with_name(f"few_{name}.jsonl")
        chosen[name].write_text("\n".join(line for line in lines if json.loads(line)["pair_id"] in kept))
    found = bench.contrast(pairs, chosen, replicates=50)
    assert found.slices == []
    assert found.headline.first == "best"
