"""What the labels of an event force: the two rules of logic that annotation relies on."""

from __future__ import annotations

import itertools

_CONVERSE = {"entails": "entailed_by", "entailed_by": "entails"}


def converse(relation: str) -> str:
    """The relation of (b, a), given that of (a, b)."""
    return _CONVERSE.get(relation, relation)


def closure(relations: dict[tuple[str, str], str]) -> dict[tuple[str, str], set[str]]:
    """What the labelled pairs force, by the two rules of logic that annotation relies on.

    Entailment is transitive, and what entails one side of a contradiction contradicts the other side.

    Args:
        relations: the relation of pairs (a, b), each unordered pair once.

    Returns:
        For every ordered pair that is forced: the subset of {"entails", "contradiction"} that holds. A pair that
        holds both is a fault in the labels.
    """
    claims = sorted({claim for pair in relations for claim in pair})
    entails = {(claim, claim) for claim in claims}
    against: set[tuple[str, str]] = set()
    for (a, b), relation in relations.items():
        if relation in ("equivalence", "entails"):
            entails.add((a, b))
        if relation in ("equivalence", "entailed_by"):
            entails.add((b, a))
        if relation == "contradiction":
            against |= {(a, b), (b, a)}
    for middle, a, b in itertools.product(claims, repeat=3):  # Warshall: the middle varies slowest
        if (a, middle) in entails and (middle, b) in entails:
            entails.add((a, b))
    forced: dict[tuple[str, str], set[str]] = {}
    for a, b in itertools.permutations(claims, 2):
        if (a, b) in entails:
            forced.setdefault((a, b), set()).add("entails")
        if any((a, x) in entails and (b, y) in entails for x, y in against):
            forced.setdefault((a, b), set()).add("contradiction")
    return forced


def closure_faults(relations: dict[tuple[str, str], str]) -> list[str]:
    """A message for every pair whose label is not what the others force."""
    faults = []
    forced = closure(relations)
    for (a, b), relation in relations.items():
        there, back = forced.get((a, b), set()), forced.get((b, a), set())
        wanted = (
            "contradiction"
            if "contradiction" in there
            else {(True, True): "equivalence", (True, False): "entails", (False, True): "entailed_by"}.get(
                ("entails" in there, "entails" in back)
            )
        )
        if "contradiction" in there and ("entails" in there or "entails" in back):
            faults.append(f"closure: {a} and {b} both entail and contradict each other by the other labels")
        elif wanted is not None and relation != wanted:
            others = {pair: label for pair, label in relations.items() if pair != (a, b)}
            faults.append(
                f"closure: {a}-{b} is {relation}, but the other labels make it {wanted}: "
                + _because(a, b, wanted, others)
            )
    return faults


def _because(a: str, b: str, wanted: str, relations: dict[tuple[str, str], str]) -> str:
    """The fewest labels that force the label of a pair."""
    if wanted == "contradiction":
        ways = [
            [*_chain(a, x, relations), *_chain(b, y, relations), f"{x} contradicts {y}"]
            for pair, relation in relations.items()
            for x, y in (pair, pair[::-1])
            if relation == "contradiction" and _leads(a, x, relations) and _leads(b, y, relations)
        ]
        fewest = min(ways, key=len)
        return ", ".join(fewest)
    both = {"equivalence": [(a, b), (b, a)], "entails": [(a, b)], "entailed_by": [(b, a)]}[wanted]
    return ", ".join(step for p, q in both for step in _chain(p, q, relations))


def _leads(start: str, end: str, relations: dict[tuple[str, str], str]) -> bool:
    return start == end or bool(_chain(start, end, relations))


def _chain(start: str, end: str, relations: dict[tuple[str, str], str]) -> list[str]:
    """The shortest way by labels from a claim to what it entails, a step each; empty where there is none."""
    steps: dict[str, list[str]] = {start: []}
    for claim in (queue := [start]):  # breadth first: the queue grows
        for (a, b), relation in relations.items():
            for p, q, forward in ((a, b, "entails"), (b, a, "entailed_by")):
                if p == claim and q not in steps and relation in (forward, "equivalence"):
                    steps[q] = [*steps[claim], f"{p} entails {q}"]
                    queue.append(q)
    return steps.get(end, [])
