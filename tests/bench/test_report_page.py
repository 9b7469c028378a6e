"""The report page, opened in headless Chromium: no script of its own, no request, no accessibility fault."""

import pytest

from bench.evaluate import main
from bench.schema import LABELS, Prediction
from tests.browser import axe, needs_chromium

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["baseline=tfidf", "split=validation", "bootstrap.replicates=200"]) == 0
    return folder / "results" / "tfidf" / "report.html"


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_legible_and_accessible(page, browser, width, scheme):
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requests, errors = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(page.as_uri())
    assert tab.title() == "tfidf on 1.0.0/validation – CounterClaim"
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert axe(tab) == []
    assert requests == [page.as_uri()]
    assert errors == []
    tab.close()


def test_page_shows_the_report(page, browser):
    from bench.report import read_report

    report = read_report(page.with_name("results.json"))
    tab = browser.new_page()
    tab.goto(page.as_uri())
    text = tab.inner_text("body")
    assert f"{report.headline.value:.3f}" in text
    assert report.signature in text
    assert "python -m bench.evaluate baseline=tfidf split=validation" in text
    assert tab.locator("article").count() == 12
    assert tab.locator("article a[href^=http]").count() > 12
    tab.close()


def test_texts_are_escaped(tmp_path, pair):
    from bench.gold import gold_of
    from bench.page import page as render
    from bench.predictions import from_records
    from bench.scoring import score_columns
    from bench.sufficient import outcome

    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    pairs = [pair(f"e{n}/c1-c2", label, claim=attack, claim_speaker=attack) for n, label in enumerate(LABELS)]
    predictions = [Prediction(pair_id=p.pair_id, label="neutral") for p in pairs]
    gold = gold_of(pairs)
    columns = from_records(predictions, gold.pair_ids)
    report = score_columns(gold, columns, name=attack, replicates=10)
    html = render(report, outcome(gold, columns, 0.5), pairs, [], attack)
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
