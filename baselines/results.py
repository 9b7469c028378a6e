"""The golden results: every offline baseline on the test split: `python -m baselines.results [--check] [NAME ...]`.

Writes `baselines/results.json` and the table in the README files; `--check` compares instead, within a tolerance, and
exits with 1 where a figure differs or a table is out of step.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import yaml

from bench.card import render, table
from bench.comparison import compare_columns, span
from bench.engine import fit_and_predict
from bench.files import configs_home, home, to_json, write
from bench.gold import gold_of
from bench.issues import command, one_of
from bench.load import load_pairs
from bench.metrics import METRICS
from bench.predictions import from_records
from bench.report import Figure
from bench.scoring import score_columns
from bench.settings import Baseline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TOLERANCE = 0.002
"""How far a figure may be from the golden one: other versions of the libraries round otherwise."""

SHOWN = (
    "contradiction_f1",
    "contradiction_precision",
    "contradiction_recall",
    "average_precision",
    "macro_f1",
)
_TITLES = ("contradiction F1", "precision", "recall", "average precision", "macro-F1")


class Golden(msgspec.Struct, frozen=True):
    """The figures of one baseline, on all pairs and on the hard subset, and the ranks that it may have."""

    name: str
    figures: dict[str, Figure]
    hard_f1: Figure
    ranks: tuple[int, int]


class Results(msgspec.Struct, frozen=True):
    """All baselines from the best down, and the signature of their figures."""

    signature: str
    baselines: list[Golden]


def baselines() -> dict[str, Baseline]:
    """Every baseline that `configs/baseline` declares and that needs neither hub nor endpoint, by name."""
    paths = sorted((configs_home() / "baseline").glob("*.yaml"))
    declared = (msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Baseline) for path in paths)
    return {baseline.name: baseline for baseline in declared if baseline.offline}


def run(names: Iterable[str]) -> Results:
    """Fit on train, predict and score test."""
    pairs = load_pairs("test")
    gold = gold_of(pairs)
    declared = baselines()
    columns, reports = {}, {}
    for name in names:
        made, _ = fit_and_predict(declared[name].estimator, declared[name].settings, pairs)
        columns[name] = from_records(made, gold.pair_ids)
        reports[name] = score_columns(gold, columns[name], name=name)
    standings = compare_columns(gold, columns).standings
    return Results(
        signature=next(iter(reports.values())).signature,
        baselines=[
            Golden(
                name=standing.name,
                figures=reports[standing.name].figures,
                hard_f1=next(
                    part.figures["contradiction_f1"]
                    for part in reports[standing.name].slices
                    if (part.field, part.value) == ("subset", "hard")
                ),
                ranks=(standing.best_rank, standing.worst_rank),
            )
            for standing in standings
        ],
    )


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
    return {"results": section(results), "metrics": metrics_section()}


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
        for metric, figure in row.figures.items():
            one, other = figure.value, known[row.name].figures[metric].value
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
    path = Path(__file__).with_name("results.json")
    readmes = [home() / "README.md", Path(__file__).with_name("README.md")]
    found = run(options.names or declared)
    if options.check:
        golden = msgspec.json.decode(path.read_bytes(), type=Results)
        lines = differences(found, golden)
        for readme in readmes:
            text = readme.read_text("utf-8")
            if render(text, sections(golden)) != text:
                lines.append(f"{readme.name}: a built table is out of step")
        print("\n".join(lines) if lines else f"{len(found.baselines)} baselines give their golden results")
        return 1 if lines else 0
    content = to_json(found, digits=4)
    rounded = msgspec.json.decode(content, type=Results)
    write(path, content)
    for readme in readmes:
        write(readme, render(readme.read_text("utf-8"), sections(rounded)).encode())
    print(section(rounded))
    return 0


if __name__ == "__main__":
    sys.exit(main())
