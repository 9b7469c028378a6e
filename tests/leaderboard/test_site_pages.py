"""The pages in headless Chromium, opened as files and from a server: sort, filter, open, compare, explore."""

import contextlib
import functools
import http.server
import threading

import pytest

from leaderboard.build import write_site
from leaderboard.columns import COLUMNS, figures
from tests.browser import axe, needs_chromium
from tests.leaderboard.sites import site

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.fixture(scope="module")
def small():
    return site()


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    out = tmp_path_factory.mktemp("board") / "site"
    write_site(out, small.files())
    return out


@pytest.fixture(scope="module")
def server(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=folder)
    ) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@contextlib.contextmanager
def opened(browser, address, width=1200, scheme="light"):
    """A page where no script fails, nothing is refused by its policy, no hostile text runs, nothing else is asked for."""
    tab = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    faults = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    own = "/".join(address.split("/")[:3])
    tab.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
    tab.goto(address)
    yield tab
    assert tab.evaluate("window.hurt") is None
    assert faults == []
    tab.close()


def scored(small):
    return next(dispute for dispute in small.disputes if dispute.split == "test")


def kinds(small):
    """An address of each kind of page."""
    test = scored(small).event.event_id
    train = next(dispute for dispute in small.disputes if dispute.split == "train").event.event_id
    return {
        "board": "index.html",
        "compare": "compare.html?a=good&b=hostile-1",
        "disputes": "disputes/index.html",
        "dispute": f"disputes/{test}.html?system=hostile-0",
        "unscored dispute": f"disputes/{train}.html",
        "system": "systems/good.html",
        "hostile system": "systems/hostile-3.html",
    }


@pytest.mark.parametrize("view", [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")])
@pytest.mark.parametrize(
    "kind",
    ["board", "compare", "disputes", "dispute", "unscored dispute", "system", "hostile system"],
)
def test_pages_are_legible_and_accessible(small, folder, browser, kind, view):
    width, scheme = view
    with opened(browser, f"{folder.as_uri()}/{kinds(small)[kind]}", width, scheme) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(250, 248, 243)") == (scheme == "light")
        assert axe(tab) == []


@pytest.mark.parametrize("kind", ["board", "compare", "disputes", "dispute", "system", "hostile system"])
def test_pages_work_from_a_server(small, server, browser, kind):
    with opened(browser, f"{server}/{kinds(small)[kind]}") as tab:
        tab.wait_for_load_state("networkidle")
        assert tab.locator("h1").count() == 1
        if kind == "compare":
            tab.wait_for_selector("#pairs li")


def names(tab):
    return tab.eval_on_selector_all(
        "#board tbody tr:not([hidden])", "rows => rows.map(row => row.dataset.slug)"
    )


def test_sort(small, folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        board_order = [entry.slug for entry in small.board.entries]
        assert names(tab) == board_order
        head = tab.locator("#board thead th", has_text="Triads")
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        assert tab.locator("#board [aria-sort]").count() == 1
        n = [column.key for column in COLUMNS].index("triad_violation")
        value = {entry.slug: figures(entry)[n] for entry in small.board.entries}
        known = [slug for slug in board_order if value[slug] is not None]
        assert names(tab) == [*sorted(known, key=lambda slug: value[slug].value), "binary"]
        head.locator("button").focus()
        tab.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert names(tab) == [*sorted(known, key=lambda slug: -value[slug].value), "binary"]
        tab.locator("#board thead th.rank button").click()
        assert names(tab) == board_order


def test_filter(folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        tab.fill("#find", "plai")
        assert names(tab) == ["plain"]
        assert tab.inner_text("#count") == "1 of 10 systems"
        tab.fill("#find", "")
        tab.check("#bests")
        assert len(names(tab)) == 9
        assert "again" not in names(tab)
        tab.uncheck("#bests")
        tab.uncheck("[name=kind][value=open]")
        assert set(names(tab)) == {"good", "plain"}
        tab.uncheck("[name=kind][value=baseline]")
        assert names(tab) == ["good"]


def test_columns_are_explained_on_hover_and_by_keyboard(folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        button = tab.locator("#board thead button", has_text="ECE")
        button.hover()
        assert "Expected calibration error" in tab.inner_text("#tip")
        tab.keyboard.press("Escape")
        assert tab.locator("#tip").is_hidden()
        button.focus()
        tab.keyboard.press("Tab")
        assert "Swap inconsistency" in tab.inner_text("#tip")
        assert "Li et al." in tab.inner_text("#tip")


def test_columns_are_explained_on_touch(folder, browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(f"{folder.as_uri()}/index.html")
    tab.locator("#board thead th.rank button").tap()
    assert "Holm" in tab.inner_text("#tip")
    context.close()


def test_ties_are_marked(small, folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        entry = next(entry for entry in small.entries if entry.tied_with)
        button = tab.locator(f"tr[data-slug={entry.slug}] .ties")
        button.click()
        marked = tab.eval_on_selector_all("#board tr.tied", "rows => rows.map(row => row.dataset.slug)")
        assert set(marked) == {entry.slug, *entry.tied_with}
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
        assert tab.locator("#board tr.tied").count() == 0


def test_a_slice_is_one_click_away(small, folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        n = next(n for n, part in enumerate(small.entries[0].report.slices) if part.field == "domain")
        tab.select_option("#slice", str(n))
        cell = tab.locator("tr[data-slug=good] td.slice")
        cell.locator("b").wait_for()
        entry = next(entry for entry in small.entries if entry.slug == "good")
        expected = next(iter(entry.report.slices[n].figures.values())).value
        assert cell.locator("b").inner_text() == f"{expected:.3f}"
        tab.locator("#board thead th.slice button").click()
        assert tab.locator("#board thead th.slice").get_attribute("aria-sort") == "descending"
        tab.select_option("#slice", "")
        assert cell.is_hidden()


def test_open_a_system_and_its_report(small, folder, browser):
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        tab.click("tr[data-slug=good] th.name a")
        entry = next(entry for entry in small.entries if entry.slug == "good")
        text = tab.inner_text("main")
        assert entry.predictions_sha256 in text
        assert entry.report.signature in text
        assert f"{entry.report.headline.value:.3f}" in text
        assert "22,700,000" in text
        tab.click("text=Full report")
        assert tab.title().startswith("Good on")


def test_compare_two(small, folder, browser):
    from bench.comparison import contrast_columns

    two = {slug: small.by_slug[slug].predictions for slug in ("plain", "good")}
    found = contrast_columns(small.target.gold, two, replicates=60)
    known = next(
        part for part in small.board.comparison.differences if {part.first, part.second} == {"plain", "good"}
    )
    with opened(browser, f"{folder.as_uri()}/index.html") as tab:
        tab.check(".two[value=plain]")
        tab.check(".two[value=good]")
        tab.click("#compare")
        tab.wait_for_selector("#pairs li")
        chosen = {tab.input_value("#a"), tab.input_value("#b")}
        assert chosen == {"plain", "good"}
        if tab.input_value("#a") != "plain":
            tab.click("#swap")
            tab.wait_for_function("document.getElementById('only-a').textContent.startsWith('Plain')")
        sign = 1 if known.first == "plain" else -1
        value = f"{sign * known.difference.value:.3f}".replace("-", "−")
        assert f"First minus second: {value}" in tab.inner_text("#test")
        assert tab.inner_text("#only-a") == f"Plain: {len(found.only_first)}"
        assert tab.inner_text("#only-b") == f"Good: {len(found.only_second)}"
        assert tab.locator("#slices tbody tr").count() == len(small.entries[0].report.slices)
        tab.check("[name=who][value=b]")
        address = tab.locator("#pairs a").first.get_attribute("href")
        event, _, pair = address.removeprefix("disputes/").partition(".html?system=plain#")
        assert f"{event}/{pair}" in found.only_second
        tab.locator("#pairs a").first.click()
        one, other = pair.split("-")
        assert tab.inner_text("#pair h3").startswith(f"{one} and {other}:")
        assert tab.locator("#matrix a[aria-current]").get_attribute("href") == f"#{pair}"
        assert tab.locator("#systems button[aria-pressed=true]").inner_text() == "Plain"


def test_explore_the_disputes(small, folder, browser):
    with opened(browser, f"{folder.as_uri()}/disputes/index.html") as tab:
        total = len(small.disputes)
        assert tab.locator("#cards li:visible").count() == total
        dispute = scored(small)
        claim = dispute.event.claims[0].text
        tab.fill("#q", claim[:30].upper())
        assert tab.locator("#cards li:visible").count() == 1
        assert tab.inner_text("#count") == f"1 of {total} disputes"
        tab.fill("#q", "nothing is like this")
        assert tab.locator("#none").is_visible()
        tab.click("#none .clear")
        assert tab.locator("#cards li:visible").count() == total
        tab.select_option("#split", "train")
        assert tab.locator("#cards li:visible").count() == 2
        assert "split=train" in tab.url
        tab.reload()
        assert tab.locator("#cards li:visible").count() == 2
        tab.select_option("#split", "")
        tab.select_option("#domain", dispute.event.domain)
        expected = sum(one.event.domain == dispute.event.domain for one in small.disputes)
        assert tab.locator("#cards li:visible").count() == expected
        tab.select_option("#domain", "")
        tab.select_option("#order", "-date")
        first = tab.locator("#cards li").first.text_content()  # what is off the screen has no inner text
        assert small.disputes[-1].event.title in first
        tab.click(f"text={dispute.event.title}")
        assert tab.inner_text("h1") == dispute.event.title


def test_explore_a_dispute(small, folder, browser):
    dispute = scored(small)
    with opened(browser, f"{folder.as_uri()}/disputes/{dispute.event.event_id}.html") as tab:
        pair = dispute.contradictions[0]
        assert tab.locator(".across .edge.contradiction").count() == len(dispute.contradictions)
        assert tab.locator(".across .edge").count() == len(dispute.layout.edges)
        badge = tab.locator(f"#{pair.a} .badge")
        badge.focus()
        tab.keyboard.press("Enter")
        assert badge.get_attribute("aria-pressed") == "true"
        told = tab.inner_text(f"#{pair.b} .relation")
        assert told == f"contradicts {pair.a}: {pair.dispute}, by {pair.expression}".replace("_", " ")
        on = sum(pair.a in (edge.a, edge.b) for edge in dispute.layout.edges)
        assert tab.locator(".across .edge.on").count() == on
        assert axe(tab) == []
        tab.keyboard.press("Escape")
        assert tab.locator(".edge.on").count() == 0
        assert tab.locator(".sources li").count() == len(dispute.event.articles)
        assert tab.locator(".sources a[href^='https://web.archive.org/']").count() == len(
            dispute.event.articles
        )
        assert tab.locator("#systems tbody tr").count() == len(small.entries)


def test_lines_end_at_their_claims(small, folder, browser):
    """The drawing is stretched to the cards: every line must start and end at the middle of a card's edge."""
    dispute = scored(small)
    for width, links in ((1200, ".across"), (390, ".along")):
        with opened(browser, f"{folder.as_uri()}/disputes/{dispute.event.event_id}.html", width) as tab:
            gaps = tab.evaluate(
                """(links) => [...document.querySelectorAll(`${links} .edge`)].flatMap((edge) => {
                    const matrix = edge.getScreenCTM();
                    const length = edge.getTotalLength();
                    return [[edge.dataset.a, 0], [edge.dataset.b, length]].map(([id, at]) => {
                        const point = edge.getPointAtLength(at).matrixTransform(matrix);
                        const card = document.getElementById(id).getBoundingClientRect();
                        const side = Math.min(Math.abs(point.x - card.left), Math.abs(point.x - card.right));
                        return Math.max(side, Math.abs(point.y - (card.top + card.bottom) / 2));
                    });
                })""",
                links,
            )
            assert len(gaps) == 2 * len(dispute.layout.edges)
            assert max(gaps) < 2


def test_what_a_system_said_is_shown(small, folder, browser):
    dispute = scored(small)
    slugs = [entry.slug for entry in small.entries]
    said = small.verdicts.of(dispute)[slugs.index("good")]
    with opened(browser, f"{folder.as_uri()}/disputes/{dispute.event.event_id}.html") as tab:
        tab.locator("#systems button").nth(slugs.index("good")).click()
        wrong = sum(one != other for one, other in zip(said, dispute.gold, strict=True))
        assert tab.locator("#matrix td.miss").count() == wrong
        assert tab.locator("#matrix td.ok").count() == len(said) - wrong
        row = tab.locator("#systems tbody tr").nth(slugs.index("good"))
        assert f"{len(said) - wrong} of {len(said)}" in row.inner_text()
        tab.locator("#matrix a").first.focus()
        tab.keyboard.press("ArrowRight")
        tab.keyboard.press("Enter")
        ids = [claim.id for claim in dispute.event.claims]
        assert tab.inner_text("#pair h3").startswith(f"{ids[0]} and {ids[2]}:")
        rights = sum(
            row[1] == dispute.gold[1] or (row[1] == "x" and dispute.gold[1] != "c")
            for row in small.verdicts.of(dispute)
        )
        assert f"Right ({rights}):" in tab.inner_text("#pair")


def test_hostile_names_do_nothing_anywhere(small, folder, browser):
    for entry in small.entries:
        if not entry.slug.startswith("hostile"):
            continue
        for path in (
            f"systems/{entry.slug}.html", f"systems/{entry.slug}.report.html", f"compare.html?a={entry.slug}&b=good",
        ):  # fmt: skip
            with opened(browser, f"{folder.as_uri()}/{path}", 390) as tab:
                if "compare" in path:
                    tab.wait_for_selector("#pairs li")
                assert tab.locator("img, iframe, object, embed").count() == 0
                assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    "query", ["?a=%3Cimg%20src=x%20onerror=alert(1)%3E&b=__proto__", "?a=constructor", "?a=good&b=good"]
)
def test_hostile_addresses_do_nothing(folder, browser, query):
    with opened(browser, f"{folder.as_uri()}/compare.html{query}") as tab:
        tab.wait_for_selector("#pairs li")
        assert tab.input_value("#a") != tab.input_value("#b")


def test_the_policy_stops_inline_script(folder, browser):
    tab = browser.new_page()
    tab.goto(f"{folder.as_uri()}/index.html")
    refused = tab.evaluate(
        """() => new Promise((resolve) => {
            addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
            const script = document.createElement("script");
            script.textContent = "window.hurt = 1";
            document.head.append(script);
        })"""
    )
    assert refused.startswith("script-src")
    assert tab.evaluate("window.hurt") is None
    tab.close()
