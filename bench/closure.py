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
            faults.append(f"closure: {a}-{b} is {relation}, but the other labels make it {wanted}")
    return faults
