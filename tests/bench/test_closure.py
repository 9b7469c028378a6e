import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.closure import closure, closure_faults, converse

RELATIONS = ["contradiction", "equivalence", "entails", "entailed_by", "neutral"]


def test_entailment_is_transitive():
    assert closure({("a", "b"): "entails", ("b", "c"): "entails", ("a", "c"): "neutral"})[("a", "c")] == {
        "entails"
    }


def test_what_entails_one_side_contradicts_the_other():
    relations = {("a", "b"): "entails", ("b", "c"): "contradiction", ("a", "c"): "neutral"}
    assert closure_faults(relations) == [
        "closure: a-c is neutral, but the other labels make it contradiction: a entails b, b contradicts c"
    ]


def test_what_is_entailed_by_one_side_is_free():
    relations = {("a", "b"): "entailed_by", ("b", "c"): "contradiction", ("a", "c"): "neutral"}
    assert closure_faults(relations) == []


def test_both_sides_of_a_contradiction_are_carried_over():
    relations = {
        ("a", "b"): "equivalence",
        ("a", "c"): "neutral",
        ("a", "d"): "neutral",
        ("b", "c"): "contradiction",
        ("b", "d"): "neutral",
        ("c", "d"): "entailed_by",
    }
    assert closure_faults(relations) == [
        "closure: a-c is neutral, but the other labels make it contradiction: a entails b, b contradicts c",
        "closure: a-d is neutral, but the other labels make it contradiction: a entails b, d entails c, b contradicts c",
        "closure: b-d is neutral, but the other labels make it contradiction: d entails c, b contradicts c",
    ]


def test_an_equivalence_that_is_forced_both_ways():
    relations = {
        ("a", "b"): "entails",
        ("a", "c"): "neutral",
        ("b", "c"): "equivalence",
        ("a", "d"): "equivalence",
        ("c", "d"): "entails",
        ("b", "d"): "entails",
    }
    assert closure_faults(relations)[1] == (
        "closure: a-c is neutral, but the other labels make it equivalence: "
        "a entails b, b entails c, c entails d, d entails a"
    )


@given(st.lists(st.sampled_from(RELATIONS), min_size=10, max_size=10))
def test_every_reason_is_a_label(labels):
    relations = dict(zip(itertools.combinations("abcde", 2), labels, strict=True))
    said = {
        f"{p} {'contradicts' if relation == 'contradiction' else 'entails'} {q}"
        for (a, b), relation in relations.items()
        for p, q in ((a, b), (b, a))
        if relation in ("contradiction", "equivalence")
        or relation == ("entails" if p == a else "entailed_by")
    }
    for fault in closure_faults(relations):
        if "other labels make" in fault:
            assert set(fault.rpartition(": ")[2].split(", ")) <= said


@pytest.mark.parametrize("relation", RELATIONS)
def test_converse_twice_is_the_same(relation):
    assert converse(converse(relation)) == relation


@given(
    st.lists(st.frozensets(st.integers(0, 7)), min_size=3, max_size=5),
)
def test_labels_that_come_from_a_model_have_no_fault(propositions):
    """Claims as sets of the worlds in which they hold obey the rules, if none is impossible."""
    claims = {str(n): worlds | {8} if not worlds else worlds for n, worlds in enumerate(propositions)}
    relations = {}
    for a, one in claims.items():
        for b, other in claims.items():
            if a < b:
                relations[a, b] = (
                    "equivalence"
                    if one == other
                    else "entails"
                    if one < other
                    else "entailed_by"
                    if one > other
                    else "contradiction"
                    if not one & other
                    else "neutral"
                )
    assert closure_faults(relations) == []
