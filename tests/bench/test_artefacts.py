import pytest

from bench.artefacts import panel
from bench.build import read_release
from bench.events import read_events
from bench.schema import ClaimRow
from bench.spread import rarest, spread, stories_told_twice
from tests.conftest import CORPUS, make_pair


def claim_row(id):
    return ClaimRow(
        claim_id=id, event_id=id.split("/")[0], text="", speaker="", speaker_type="media", asserted=None,
        outlets=["Post"], urls=["u"], archive_urls=["u"], languages=["en"],
    )  # fmt: skip


def given_away(prefix, n):
    """Pairs whose label stands in the claim, in negation words and in overlap."""
    made = []
    for k in range(n):
        label = ("contradiction", "neutral", "entailment", "neutral")[k % 4]
        second = "it never rained there" if label == "contradiction" else "words quite apart"
        made.append(
            make_pair(f"{prefix}{k}/c1-c2", label, claim=f"{label} it rained there {k}", counterclaim=second)
        )
    return made


def test_probes_find_what_is_given_away_and_nothing_else():
    train, test = given_away("t", 80), given_away("s", 40)
    rows = [claim_row(id) for pair in train + test for id in (pair.claim_id, pair.counterclaim_id)]
    probes = {(p.name, p.subset): p for p in panel(train, test, rows)}
    assert probes["claim only", "all"].accuracy.value == 1
    assert probes["claim only", "all"].above_majority.value == pytest.approx(0.5)
    assert probes["negation mismatch", "hard"].macro_f1.value == 1
    assert probes["overlap", "hard"].auroc.value == 1
    assert probes["speaker type", "all"].auroc.value == 0.5
    assert probes["source and date", "all"].above_majority.value == pytest.approx(0)
    assert probes["length", "all"].pairs == 40


@pytest.fixture
def event():
    return read_events(CORPUS / "valid", read_release().canary)[0]


def test_spread_by_hand(event):
    found = spread([event])
    assert found.totals == {
        "events": 1, "articles": 2, "claims": 5, "unordered_pairs": 10,
        "contradictions": 2, "entailments": 1, "hard_neutrals": 5,
    }  # fmt: skip
    assert found.sources.non_english == 0.5
    assert found.sources.median_outlets_an_event == 2
    assert found.language == {"en": 1, "fr": 1}
    assert found.texts.share_negated == pytest.approx(1 / 5)
    assert rarest(found.dispute, ["status", "time"]) == 0


def test_stories_told_twice(event):
    import msgspec

    renamed = msgspec.structs.replace(
        event, event_id="2020-05-other", title="Whether the Alder bridge was shut"
    )
    unrelated = msgspec.structs.replace(
        event, event_id="2020-05-third", title="How many lorries crossed", articles=[]
    )
    assert stories_told_twice([event, unrelated]) == []
    assert stories_told_twice([event, renamed]) == [("2020-05-bridge-closed", "2020-05-other")]
    apart = msgspec.structs.replace(renamed, articles=[])
    assert stories_told_twice([event, apart]) == [("2020-05-bridge-closed", "2020-05-other")]
