"""The site without a browser: what is drawn, what is written, what hostile texts become."""

import csv
import io
import itertools
import json
import re

import pytest

from bench.issues import BadInputError
from bench.schema import EASY_REASONS, Claim, Event, Relation
from leaderboard.build import write_site
from leaderboard.columns import COLUMNS, _cell, figures, shown
from leaderboard.explorer import when
from leaderboard.layout import lay_out, thumbnail
from leaderboard.render import clean, country, https, language, web
from tests.leaderboard.sites import HOSTILE, events, site


@pytest.fixture(scope="module")
def small():
    return site()


@pytest.fixture(scope="module")
def files(small):
    return dict(small.files())


def event(relations, speakers=None):
    """An event of claims c1.. with the relations given; every other pair is neutral."""
    ids = sorted({id for pair in relations for id in pair})
    speakers = speakers or {}
    return Event(
        event_id="2020-01-made-up", title="T", domain="politics", countries=["XK"], date="2020-01-02", canary="",
        articles=[],
        claims=[
            Claim(id=id, text="t", speaker=speakers.get(id, id), speaker_type="media", asserted=None, articles=[])
            for id in ids
        ],
        pairs=[
            Relation(a=a, b=b, relation=relations.get((a, b), "neutral")) for a, b in itertools.combinations(ids, 2)
        ],
    )  # fmt: skip


def test_sides_are_the_cut_of_the_contradictions():
    drawn = lay_out(
        event({("c1", "c2"): "contradiction", ("c2", "c3"): "contradiction", ("c1", "c3"): "entails", ("c2", "c4"): "equivalence", ("c4", "c5"): "neutral"})
    )  # fmt: skip
    assert (set(drawn.left), set(drawn.right), drawn.beside) == ({"c1", "c3"}, {"c2", "c4"}, ["c5"])
    assert [drawn.side(id) for id in ("c1", "c2", "c5")] == ["left", "right", "beside"]
    assert [edge.relation for edge in drawn.edges] == [
        "entails",
        "equivalence",
        "contradiction",
        "contradiction",
    ]


def test_sides_are_best_by_brute_force():
    for dispute in events(12):
        drawn = dispute.layout
        inside = drawn.left + drawn.right
        lines = [pair for pair in dispute.event.pairs if pair.relation == "contradiction"]
        crossing = sum(drawn.side(pair.a) != drawn.side(pair.b) for pair in lines)
        most = max(
            sum((pair.a in left) != (pair.b in left) for pair in lines)
            for size in range(len(inside) + 1)
            for left in map(set, itertools.combinations(inside, size))
        )
        assert crossing >= most - 1  # an agreement may outweigh it: three of them do a contradiction


def test_without_a_line_every_claim_stands_beside():
    drawn = lay_out(event({("c1", "c2"): "neutral"}))
    assert (drawn.left, drawn.right, drawn.beside, drawn.edges) == ([], [], ["c1", "c2"], [])
    assert thumbnail(drawn)[1:] == ({}, [])


def test_claims_of_a_column_do_not_overlap():
    for dispute in events(12):
        drawn = dispute.layout
        for column in (drawn.left, drawn.right):
            rows = [drawn.row[id] for id in column]
            assert rows == list(range(rows[0], rows[0] + 2 * len(rows), 2)) if rows else True
            assert all(0 <= row <= drawn.rows - 2 for row in rows)


def test_dates_in_words():
    assert [when(date) for date in ("2008-10-08", "2008-10", "2008")] == [
        "8 October 2008",
        "October 2008",
        "2008",
    ]


def test_timeline_holds_every_dated_claim_and_article_in_order():
    for dispute in events():
        line = dispute.timeline
        assert [moment.date for moment in line] == sorted({moment.date for moment in line})
        assert sum(len(moment.claims) for moment in line) == sum(
            claim.asserted is not None for claim in dispute.event.claims
        )
        assert sum(len(moment.articles) for moment in line) == sum(
            article.published is not None for article in dispute.event.articles
        )


def test_verdicts_are_the_predictions(small):
    dispute = next(dispute for dispute in small.disputes if dispute.split == "test")
    said = small.verdicts.of(dispute)
    entry = small.entries[0]
    codes = small.by_slug[entry.slug].predictions.labels
    place = {id: n for n, id in enumerate(small.target.gold.pair_ids.tolist())}
    assert said[0] == "".join("enc"[codes[place[pair.pair_id]]] for pair in dispute.pairs)
    by_hand = [
        sum(row[n] == gold or (row[n] == "x" and gold != "c") for row in said) / len(said)
        for n, gold in enumerate(dispute.gold)
    ]
    assert small.verdicts.right(dispute) == pytest.approx(by_hand)
    binary = said[[e.slug for e in small.entries].index("binary")]
    assert set(binary) <= {"x", "c"}


def test_disputes_that_were_not_scored_have_no_verdicts(small):
    train = next(dispute for dispute in small.disputes if dispute.split == "train")
    assert small.verdicts.of(train) is None
    assert small.verdicts.right(train) is None


def test_false_alarms_on_hard_neutrals_are_counted_by_hand(small):
    n = [column.key for column in COLUMNS].index("hard_false_alarms")
    gold = small.target.gold
    hard = [
        (gold.pair_ids.tolist().index(pair.pair_id))
        for dispute in small.scored
        for pair in dispute.pairs
        if pair.label == "neutral" and pair.reason not in EASY_REASONS
    ]
    for entry in small.entries:
        if entry.slug == "binary":
            continue
        said = small.by_slug[entry.slug].predictions.labels[hard] == 2
        assert figures(entry)[n].value == pytest.approx(said.mean())


def test_the_public_best_of_a_team_is_what_the_ladder_says(small, files):
    (again,) = [entry for entry in small.board.entries if entry.slug == "again"]
    assert not again.accepted
    assert small.bests == {entry.slug for entry in small.board.entries} - {"again"}
    for path in ("index.html", "systems/again.html"):
        assert f"no step above the team’s public best, {again.public_f1:.3f}" in files[path].decode()
    assert "no step above" not in files["systems/good.html"].decode()


def test_who_may_have_seen_the_texts_is_told_on_the_board(files):
    assert files["index.html"].decode().count("test texts seen in training: possibly") == 1


def test_json_has_the_figures_of_the_board(small, files):
    told = json.loads(files["leaderboard.json"])
    assert told["signature"] == small.board.signature
    for row, entry in zip(told["systems"], small.board.entries, strict=True):
        assert row["predictions_sha256"] == entry.predictions_sha256
        assert row["signature"] == entry.report.signature
        if entry.accepted:
            assert row["figures"]["mcc"]["value"] == pytest.approx(
                entry.report.figures["mcc"].value, abs=1e-6
            )
    assert told["older"][0]["systems"][0]["slug"] == small.board.archives[0].entries[0].slug


def test_csv_is_safe_to_open(files):
    rows = list(csv.DictReader(io.StringIO(files["leaderboard.csv"].decode())))
    assert len(rows) == 10
    for row in rows:
        for name in ("name", "team", "licence", "code", "paper"):
            assert not row[name].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert float(next(row for row in rows if row["slug"] == "good")["contradiction_f1"]) > 0.5


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  @sum", "'  @sum"),
        ("-2", "'-2"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        (None, ""),
    ],
)
def test_cells(text, safe):
    assert _cell(text) == safe


def test_same_input_same_bytes(small, files):
    again = site()
    assert dict(again.files()) == files


def test_no_hostile_text_becomes_markup(files):
    for path, content in files.items():
        if not path.endswith(".html"):
            continue
        page = content.decode()
        assert "<img" not in page
        assert 'onerror="' not in page
        assert not re.search(r"<script(?! src=\"[\w./-]+\.js\" defer>| type=\"application/json\")", page), (
            path
        )
        assert not re.search(r"(?i)href=\"\s*(javascript|data|vbscript):", page), path
        assert "\u202e" not in page
        assert "\u2066" not in page
        assert not re.search(r" on[a-z]+=\"", page), path
        assert not re.search(r" style=\"", page), path
        assert "Content-Security-Policy" in page


def test_names_are_isolated_and_cut(files):
    page = files["index.html"].decode()
    names = re.findall(r"<bdi>(.*?)</bdi>", page)
    assert names
    assert all(len(name.replace("&lt;", "<").replace("&#34;", '"').replace("&#39;", "'").replace("&gt;", ">").replace("&amp;", "&")) <= 60 for name in names)  # fmt: skip


def test_links_of_submissions_are_plain_https(files):
    for n in range(len(HOSTILE)):
        page = files[f"systems/hostile-{n}.html"].decode()
        for address, rest in re.findall(r"<a href=\"(https?:[^\"]*)\"([^>]*)>", page):
            assert address.lower().startswith("https://ok.example")
            assert rest == ' rel="noopener noreferrer nofollow ugc"'
    assert 'href="https://ok.example/paper?a=1&amp;b=2"' in files["systems/hostile-2.html"].decode()


def test_every_link_within_the_site_leads_somewhere(files):
    import posixpath

    for path, content in files.items():
        if not path.endswith(".html") or path.endswith(".report.html"):
            continue
        page = content.decode()
        ids = set(re.findall(r" id=\"([^\"]+)\"", page))
        for address in re.findall(r"(?:href|src)=\"([^\"]*)\"", page):
            if address.lower().startswith("http"):
                continue
            target, _, anchor = address.partition("#")
            if not target:
                assert anchor in ids, (path, address)
                continue
            at = posixpath.normpath(posixpath.join(posixpath.dirname(path), target.partition("?")[0]))
            assert at in files, (path, address)


def test_clean_cuts_and_shows_what_is_hidden():
    assert clean("a\u202eb\x00c") == "a\ufffdb\ufffdc"
    assert clean("x" * 100, 10) == "x" * 9 + "…"
    assert clean("e" + "\u0300" * 50) == "e" + "\u0300" * 3


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://a.example", 'https://a.example/"x', "https://a b.example", "https://u@a.example", "//a.example", "https://a.example/<x>", "", None, "https://" + "a" * 600],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_no_link(address):
    assert https(address) == ""


def test_addresses_that_are_links():
    assert https("https://a.example:80/x?y=1#z")
    assert web("http://a.example/ü")
    assert not web("javascript:alert(1)//http://a.example")


def test_names_of_places_and_languages():
    assert [country(code) for code in ("XK", "RU", "CD", "VN", "ZZ")] == [
        "Kosovo", "Russia", "Democratic Republic of the Congo", "Vietnam", "ZZ",
    ]  # fmt: skip
    assert language("el") == "Modern Greek"


def test_values_as_the_table_shows_them(small):
    from bench.report import Figure

    def figure(value):
        return Figure(value=value, low=None, high=None)

    assert [shown(figure(value), 0) for value in (22.7e6, 7e9, 1.5e4, 120.0, 0.25)] == [
        "22.7M",
        "7B",
        "15k",
        "120",
        "0.25",
    ]
    assert [shown(None), shown(figure(-0.5)), shown(figure(None))] == ["–", "−0.500", "–"]


def test_site_is_written_whole(tmp_path):
    out = tmp_path / "site"
    assert write_site(out, [("leaderboard.json", b"1"), ("a/b.html", b"2")]) == 2
    assert write_site(out, [("leaderboard.json", b"3")]) == 1
    assert sorted(path.name for path in out.rglob("*")) == ["leaderboard.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_fault_leaves_the_old_site(tmp_path):
    out = tmp_path / "site"
    write_site(out, [("leaderboard.json", b"1")])

    def faulty():
        yield "leaderboard.json", b"2"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_site(out, faulty())
    assert (out / "leaderboard.json").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_is_no_site_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInputError, match="is no site"):
        write_site(tmp_path, [("leaderboard.json", b"1")])
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
