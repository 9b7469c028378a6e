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
        "closure: a-c is neutral, but the other labels make it contradiction"
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
        "closure: a-c is neutral, but the other labels make it contradiction",
        "closure: a-d is neutral, but the other labels make it contradiction",
        "closure: b-d is neutral, but the other labels make it contradiction",
    ]


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
