"""The golden results: every offline baseline on the test split: `python -m baselines.results [--check] [NAME ...]`.

Writes `baselines/results.json` and the tables in the README files; those that learn with a seed are learnt with five.
`--check` compares instead, within a tolerance, with the first seed alone, and exits with 1 where a figure differs or a
table is out of step.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING

import msgspec
import yaml

from bench.card import render, table
from bench.comparison import Comparison, Difference, compare_columns, span
from bench.engine import fit_and_predict
from bench.files import configs_home, home, to_json, write
from bench.gold import SLICES, gold_of
from bench.issues import command, one_of
from bench.load import load_pairs
from bench.metrics import METRICS
from bench.predictions import from_records
from bench.report import Figure, Report
from bench.scoring import score_columns
from bench.settings import Baseline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

TOLERANCE = 0.002
"""How far a figure may be from the golden one: other versions of the libraries round otherwise."""

SEEDS = 5
"""With how many seeds a baseline is learnt whose settings have one."""

RUNGS = ("tfidf", "features", "minilm", "cross_encoder")
"""The ladder above the probes, from the least to the most; the other baselines are probes."""

LADDER = ("expression", "dispute", "reason")
"""The slices by which the rungs are shown."""

SHOWN = (
    "contradiction_f1",
    "contradiction_precision",
    "contradiction_recall",
    "average_precision",
    "macro_f1",
)
_TITLES = ("contradiction F1", "precision", "recall", "average precision", "macro-F1")


class Golden(msgspec.Struct, frozen=True):
    """The figures of one baseline.

    Attributes:
        figures: of all pairs, by metric.
        hard_f1: contradiction F1 on the hard subset.
        ranks: the first and the last that it may have.
        slices: by a field of `LADDER` and its value, recall of contradictions or false alarm rate.
        seeds: contradiction F1 of each seed from 0 on; none where the settings have no seed.
    """

    name: str
    figures: dict[str, Figure]
    hard_f1: Figure
    ranks: tuple[int, int]
    slices: dict[str, dict[str, Figure]]
    seeds: list[float]


class Results(msgspec.Struct, frozen=True):
    """All baselines from the best down, each of `RUNGS` minus the best probe, and the signature of the figures."""

    signature: str
    baselines: list[Golden]
    over_probes: list[Difference]


def baselines() -> dict[str, Baseline]:
    """Every baseline that `configs/baseline` declares and that needs neither hub nor endpoint, by name."""
    paths = sorted((configs_home() / "baseline").glob("*.yaml"))
    declared = (msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Baseline) for path in paths)
    return {baseline.name: baseline for baseline in declared if baseline.offline}


def run(names: Iterable[str], seeds: int = SEEDS) -> Results:
    """Fit on train, predict and score test."""
    pairs = load_pairs("test")
    gold = gold_of(pairs)
    declared = baselines()
    columns, reports, spread = {}, {}, {}
    for name in sorted(names, key=lambda name: name not in RUNGS):  # a difference is of a rung minus a probe
        scored = []
        for settings in with_seeds(declared[name].settings, seeds):
            made, _ = fit_and_predict(declared[name].estimator, settings, pairs)
            column = from_records(made, gold.pair_ids)
            scored.append((column, score_columns(gold, column, name=name)))
        columns[name], reports[name] = scored[0]
        spread[name] = [_value(report) for _, report in scored] if len(scored) > 1 else []
    comparison = compare_columns(gold, columns)
    return Results(
        signature=next(iter(reports.values())).signature,
        baselines=[
            Golden(
                name=standing.name,
                figures=reports[standing.name].figures,
                hard_f1=_slices(reports[standing.name], "subset", "contradiction_f1")["hard"],
                ranks=(standing.best_rank, standing.worst_rank),
                slices={
                    field.name: _slices(reports[standing.name], field.name, field.metrics[0])
                    for field in SLICES
                    if field.name in LADDER
                },
                seeds=spread[standing.name],
            )
            for standing in comparison.standings
        ],
        over_probes=over_probes(comparison),
    )


def with_seeds(settings: dict[str, Any], seeds: int) -> list[dict[str, Any]]:
    """The settings; and where they have a seed, the same with the next ones, `seeds` in all."""
    if "random_state" not in settings:
        return [settings]
    return [settings | {"random_state": settings["random_state"] + n} for n in range(seeds)]


def _value(report: Report) -> float:
    """Contradiction F1, 0 where it is not defined."""
    return report.figures["contradiction_f1"].value or 0.0


def _slices(report: Report, field: str, metric: str) -> dict[str, Figure]:
    """A figure by value of a field."""
    return {part.value: part.figures[metric] for part in report.slices if part.field == field}


def over_probes(comparison: Comparison) -> list[Difference]:
    """Each of `RUNGS` minus the best of the other baselines."""
    probes = [standing.name for standing in comparison.standings if standing.name not in RUNGS]
    return [row for row in comparison.differences if row.first in RUNGS and row.second in probes[:1]]


def section(results: Results) -> str:
    """The table of the README files."""
    rows = [
        [
            span(*golden.ranks),
            f"`{golden.name}`",
            str(golden.figures["contradiction_f1"]),
            str(golden.hard_f1),
            *(Figure(value=golden.figures[name].value, low=None, high=None) for name in SHOWN[1:]),
        ]
        for golden in results.baselines
    ]
    head = ["rank", "baseline", "contradiction F1 [95% interval]", "on hard pairs", *_TITLES[1:]]
    return f"{table(head, rows)}\n\n`{results.signature}`"


def probes_section(results: Results) -> str:
    """Whether the probes are beaten."""
    rows = [
        [f"`{row.first}` minus `{row.second}`", str(row.difference), f"{row.p:.2g}", f"{row.p_holm:.2g}"]
        for row in results.over_probes
    ]
    return table(
        ["contradiction F1", "difference [95% interval]", "p", "p after Holm, all pairs of baselines"], rows
    )


def ladder_section(results: Results) -> str:
    """The rungs by slice: recall by what is disputed and how, false alarms by why a pair is neutral."""
    by_name = {golden.name: golden for golden in results.baselines}
    rungs = [by_name[name] for name in ("negation", *RUNGS)]

    def row(title: str, figures: list[Figure]) -> list[str]:
        return [title, *("–" if figure.value is None else f"{figure.value:.2f}" for figure in figures)]

    rows = [
        row("all: recall", [golden.figures["contradiction_recall"] for golden in rungs]),
        row("all: false alarms", [golden.figures["false_alarm_rate"] for golden in rungs]),
    ]
    for field in LADDER:
        rows += [
            row(f"{field}: {value}", [golden.slices[field][value] for golden in rungs])
            for value in rungs[0].slices[field]
        ]
    return table(["slice", *(f"`{golden.name}`" for golden in rungs)], rows)


def seeds_section(results: Results) -> str:
    """The spread over seeds."""
    rows = [
        [
            f"`{golden.name}`",
            f"{mean(golden.seeds):.3f}",
            f"{stdev(golden.seeds):.3f}",
            ", ".join(f"{value:.3f}" for value in golden.seeds),
        ]
        for golden in results.baselines
        if golden.seeds
    ]
    return table(["baseline", "mean", "standard deviation", f"seeds 0 to {SEEDS - 1}"], rows)


def metrics_section() -> str:
    """The table of metrics of the README, from their declarations."""
    return table(
        ["metric", "key", "range", "better", "not defined where", "after"],
        [
            [
                metric.title,
                f"`{metric.name}`",
                f"{metric.low:g} to {metric.high:g}",
                "higher" if metric.higher_is_better else "lower",
                metric.undefined,
                metric.citation,
            ]
            for metric in METRICS.values()
        ],
    )


def sections(results: Results) -> dict[str, str]:
    """The built parts of the README files."""
    return {
        "results": section(results),
        "probes": probes_section(results),
        "ladder": ladder_section(results),
        "seeds": seeds_section(results),
        "metrics": metrics_section(),
    }


def differences(found: Results, golden: Results) -> list[str]:
    """Figures of `found` that are not those of `golden`, a line each."""
    known = {row.name: row for row in golden.baselines}
    lines = (
        []
        if found.signature == golden.signature
        else [f"signature: {found.signature}, golden {golden.signature}"]
    )
    for row in found.baselines:
        if row.name not in known:
            lines.append(f"{row.name}: no golden result")
            continue
        golden_row = known[row.name]
        pairs = [(metric, row.figures[metric], golden_row.figures.get(metric)) for metric in row.figures]
        pairs.append(("hard contradiction_f1", row.hard_f1, golden_row.hard_f1))
        pairs += [
            (f"{field}={value}", figure, golden_row.slices[field].get(value))
            for field, values in row.slices.items()
            for value, figure in values.items()
        ]
        for metric, figure, golden_figure in pairs:
            one, other = figure.value, golden_figure.value if golden_figure else None
            if (one is None) != (other is None) or (
                one is not None and other is not None and abs(one - other) > TOLERANCE
            ):
                lines.append(f"{row.name}: {metric} is {one}, golden {other}")
    return lines


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    declared = sorted(baselines())
    parser = argparse.ArgumentParser(prog="python -m baselines.results", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(declared)}")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the golden results")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(declared):
        parser.error(f"unknown baseline {', '.join(sorted(unknown))}, expected {one_of(declared)}")
    if options.names and not options.check:
        parser.error("names go with --check: the tables are made of all baselines")
    path = Path(__file__).with_name("results.json")
    readmes = [home() / "README.md", Path(__file__).with_name("README.md")]
    found = run(options.names or declared, 1 if options.check else SEEDS)
    if options.check:
        golden = msgspec.json.decode(path.read_bytes(), type=Results)
        lines = differences(found, golden)
        for readme in readmes:
            shown = readme.read_text("utf-8")
            if render(shown, sections(golden)) != shown:
                lines.append(f"{readme.name}: a built table is out of step")
        print("\n".join(lines) if lines else f"{len(found.baselines)} baselines give their golden results")
        return 1 if lines else 0
    content = to_json(found, digits=4)
    built = sections(msgspec.json.decode(content, type=Results))
    pages = {readme: render(readme.read_text("utf-8"), built).encode() for readme in readmes}
    for target, text in {path: content, **pages}.items():
        write(target, text)
    print(built["results"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
