"""Claim -> its counter-claims, as a ranking task.

Every claim of a split that another claim contradicts is a query; the documents are all other claims of the split; a
document is relevant if it contradicts the query. Measures are those of ir-measures; intervals are by bootstrap over
events.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from bench import __version__
from bench.formulas import mean_of
from bench.issues import Issues, bad_input, needs, show
from bench.load import load_claims, load_pairs
from bench.report import Figure
from bench.resample import figure_of, replicated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.table import Table

    from bench.schema import ClaimRow

DEPTH = 100
"""How many documents of a ranking count."""

MEASURES = ("nDCG@10", "AP", "R@10", "R@100", "RR")
_LINE = re.compile(r"(\S+)\s+Q0\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+)\s*")


@dataclass(frozen=True)
class Task:
    """The claims of a split, and by query the claims that contradict it."""

    name: str
    claims: Sequence[ClaimRow]
    relevant: Mapping[str, frozenset[str]]

    @property
    def queries(self) -> list[ClaimRow]:
        """The claims that something contradicts."""
        return [claim for claim in self.claims if claim.claim_id in self.relevant]


class RetrievalReport(Struct, frozen=True, kw_only=True):
    """Figures of one ranking system by the name of the measure."""

    signature: str
    system: str
    queries: int
    documents: int
    events: int
    figures: dict[str, Figure]
    run: dict[str, Any] = {}


def load_task(split: str = "test", data_dir: str | Path | None = None) -> Task:
    """The retrieval task of a split; ambiguous contradictions do not count as relevant.

    Raises:
        BadInputError: where a table is not there or a row of it is wrong.
    """
    relevant: dict[str, set[str]] = {}
    for pair in load_pairs(split, data_dir):
        if pair.label == "contradiction" and not pair.ambiguous:
            relevant.setdefault(pair.claim_id, set()).add(pair.counterclaim_id)
    return Task(
        name=split,
        claims=load_claims(split, data_dir),
        relevant={query: frozenset(found) for query, found in relevant.items()},
    )


def read_run(path: Path, task: Task) -> dict[str, dict[str, float]]:
    """A run in TREC's format: `query Q0 document rank score tag`, one a line.

    Raises:
        BadInputError: with every line that is no such line, names an unknown claim, ranks a claim against itself or
            twice, or has a score that is no number; and with every query that is not ranked.
    """
    if not path.is_file():
        raise bad_input(path, "no such file")
    issues = Issues()
    known = {claim.claim_id for claim in task.claims}
    most = len(task.relevant) * len(task.claims) + 1000
    run: dict[str, dict[str, float]] = {}
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(1 << 12), b""), 1):
            if number > most:
                issues.error(path, number, what="more lines than pairs of claims", expected=f"at most {most}")
                break
            match = _LINE.fullmatch(raw.decode("utf-8", "replace"))
            if not match:
                issues.error(
                    path, number, what="not a line of a run", expected="query Q0 document rank score tag"
                )
                continue
            query, document, _, text, _ = match.groups()
            try:
                score = float(text)
            except ValueError:
                score = float("nan")
            if not np.isfinite(score):
                issues.error(path, number, query, what="score is no number", got=show(text))
            elif query not in task.relevant:
                issues.error(
                    path, number, query, what="unknown query", expected="a claim that another contradicts"
                )
            elif document not in known or document == query:
                issues.error(
                    path, number, query, what="unknown document", expected="another claim", got=document
                )
            elif document in run.setdefault(query, {}):
                issues.error(path, number, query, what="document is ranked twice", got=document)
            else:
                run[query][document] = score
    for query in task.relevant.keys() - run.keys():
        issues.error(path, id=query, what="no ranking for this query")
    issues.raise_if_any()
    return run


def rank(task: Task, retriever: Any) -> dict[str, dict[str, float]]:
    """The best `DEPTH` documents of every query, itself left out.

    Args:
        task: queries and documents.
        retriever: has `rank(queries, documents, depth)`, which gives numbers and scores of documents, two arrays
            (queries, depth).
    """
    queries, ids = task.queries, [claim.claim_id for claim in task.claims]
    texts = [claim.text for claim in task.claims]
    found, scores = retriever.rank([query.text for query in queries], texts, DEPTH + 1)
    return {
        query.claim_id: dict(
            [(ids[n], float(x)) for n, x in zip(row, values, strict=True) if ids[n] != query.claim_id][:DEPTH]
        )
        for query, row, values in zip(queries, found, scores, strict=True)
    }


def write_run(run: Mapping[str, Mapping[str, float]], tag: str) -> bytes:
    """The run in TREC's format, the best `DEPTH` documents of each query."""
    lines = []
    for query, scores in sorted(run.items()):
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:DEPTH]
        lines += [f"{query} Q0 {id} {rank} {score:.6f} {tag}" for rank, (id, score) in enumerate(best, 1)]
    return ("\n".join(lines) + "\n").encode()


def score_run(
    task: Task, run: Mapping[str, Mapping[str, float]], *, system: str, replicates: int, seed: int
) -> RetrievalReport:
    """Figures with intervals; every query of the task counts, one without a ranking as 0."""
    with needs("retrieval"):
        import ir_measures

    qrels = [
        ir_measures.Qrel(query, document, 1)
        for query, found in task.relevant.items()
        for document in sorted(found)
    ]
    scored = [
        ir_measures.ScoredDoc(query, document, score)
        for query, scores in run.items()
        for document, score in scores.items()
        if document != query
    ]
    events = sorted({claim.event_id for claim in task.queries})
    number = {event: n for n, event in enumerate(events)}
    event_of = {claim.claim_id: number[claim.event_id] for claim in task.queries}
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    sums = np.zeros((len(events), len(measures), 2))
    for query in task.relevant:
        sums[event_of[query], :, 1] += 1
    for found in ir_measures.iter_calc(measures, qrels, scored):
        sums[event_of[found.query_id], measures.index(found.measure), 0] += found.value
    flat = sums.reshape(len(events), -1)
    drawn = replicated(
        lambda weights: mean_of((weights @ flat).reshape(-1, len(measures), 2)),
        len(events),
        replicates,
        seed,
        flat.shape[1],
    )
    value = mean_of(sums.sum(0))
    digest = hashlib.sha256(
        "".join(f"{q.query_id}\t{q.doc_id}\n" for q in sorted(qrels)).encode()
    ).hexdigest()
    return RetrievalReport(
        signature=(
            f"counterclaim:{__version__}|retrieval:{task.name}@sha256:{digest[:16]}|metric:nDCG@10"
            f"|ci:event-bootstrap,B={replicates},seed={seed}"
        ),
        system=system,
        queries=len(task.relevant),
        documents=len(task.claims),
        events=len(events),
        figures={name: figure_of(value[n], drawn[:, n]) for n, name in enumerate(MEASURES)},
    )


def table(report: RetrievalReport) -> Table:
    """The figures of one system."""
    from rich.table import Table

    shown = Table(
        title=f"{report.system}: {report.queries:,} queries, {report.documents:,} documents, {report.events} events",
        title_justify="left",
    )
    shown.add_column("measure")
    shown.add_column("value [95% interval]", justify="right")
    for name, figure in report.figures.items():
        shown.add_row(name, str(figure).replace("[", r"\["))
    return shown
