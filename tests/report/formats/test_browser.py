"""The page in a real browser: it draws, sorts, filters, prints, asks for nothing and runs nothing."""

import base64

import pytest
from test_page import hostile_run, judged

import chromium
import run_folders
from mmaudit.report.formats import page
from mmaudit.report.read import read

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium.found() is None, reason="no Chromium on PATH: apt install chromium"
    ),
]
READY = "document.documentElement.dataset.samples === 'ready'"
ROWS = "[...document.querySelectorAll('#rows .vr')].map(r => r.textContent)"


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with chromium.chromium(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run = judged(run_folders.noisy(run_folders.make(folder / "run", samples=5000)))
    return page.write(read(run), folder / "report.html")


@pytest.fixture
def opened(tab, report):
    tab.prefer("light")
    tab.open(report)
    tab.until(READY)
    return tab


def test_on_a_narrow_screen_letters_are_large_enough_and_only_tables_and_charts_scroll(opened):
    opened.call(
        "Emulation.setDeviceMetricsOverride",
        width=390,
        height=844,
        deviceScaleFactor=1,
        mobile=True,
    )
    try:
        assert opened.run("document.documentElement.scrollWidth") == 390
        heights = opened.run(
            "[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)"
        )
        assert min(heights) > 9
        keys = "[...document.querySelectorAll('figure.keyed .key')].map(k => k.offsetHeight)"
        assert min(opened.run(keys)) > 0
    finally:
        opened.call("Emulation.clearDeviceMetricsOverride")


def test_on_a_wide_screen_charts_stand_two_abreast(opened):
    opened.call(
        "Emulation.setDeviceMetricsOverride",
        width=1400,
        height=900,
        deviceScaleFactor=1,
        mobile=False,
    )
    try:
        tops = opened.run(
            "[...document.querySelectorAll('#noisy figure')].map(f => Math.round(f.offsetTop))"
        )
        assert tops[0] == tops[1]
    finally:
        opened.call("Emulation.clearDeviceMetricsOverride")


def test_printing_opens_what_is_folded_and_folds_it_again(opened):
    closed = "document.querySelectorAll('details:not([open])').length"
    before = opened.run(closed)
    assert before > 0
    opened.run("dispatchEvent(new Event('beforeprint')); 0")
    assert opened.run(closed) == 0
    opened.run("dispatchEvent(new Event('afterprint')); 0")
    assert opened.run(closed) == before
    opened.call("Emulation.setEmulatedMedia", media="print")
    paper = {"width": 718, "height": 1000, "deviceScaleFactor": 1, "mobile": False}  # A4
    opened.call("Emulation.setDeviceMetricsOverride", **paper)
    try:
        tables = "[...document.querySelectorAll('table')]"
        assert opened.run(f"{tables}.filter(t => t.offsetWidth > t.parentNode.offsetWidth)") == []
        buttons = "[...document.querySelectorAll('table .sorter')]"  # which no further page repeats
        assert opened.run(f"{buttons}.every(b => getComputedStyle(b).display === 'contents')")
    finally:
        opened.call("Emulation.clearDeviceMetricsOverride")
        opened.call("Emulation.setEmulatedMedia", media="")


def test_its_menu_says_conditions_as_people_do(opened):
    options = opened.run(
        "[...document.getElementById('under').options].map(o => [o.text, o.title])"
    )
    assert ["motion blur on image, severity 5", "image/motion_blur:5@image"] in options


def count(tab):
    return tab.run("document.getElementById('count').textContent")


def change(tab, name, value, event="change"):
    tab.run(
        f"(() => {{ const e = document.getElementById('{name}'); e.value = '{value}';"
        f" e.dispatchEvent(new Event('{event}', {{bubbles: true}})); }})()"
    )


def test_it_draws_without_a_complaint_or_a_request(opened):
    assert opened.complaints() == []
    heads = opened.run(
        "[...document.querySelectorAll('section.challenge > h2')].map(h => h.textContent)"
    )
    assert heads[:5] == ["Checks", "Noisy", "Incomplete", "Imbalanced", "Quality-varying"]
    assert "Samples" in heads
    assert opened.run(
        "[...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().width > 100)"
    )


def test_a_table_sorts_by_numbers_both_ways(opened):
    column = "[...document.querySelectorAll('#checks, #noisy')].at(0).querySelector('table.grid')"
    press = f"{column}.querySelectorAll('.sorter')[2].click()"
    values = f"[...{column}.tBodies[0].rows].map(r => Number(r.cells[2].dataset.sort))"
    opened.run(press)
    up = opened.run(values)
    assert up == sorted(up)
    opened.run(press)
    assert opened.run(values) == sorted(up, reverse=True)


def test_no_head_of_the_samples_is_cut(opened):
    whole = "b => b.scrollWidth <= b.clientWidth && b.scrollHeight <= b.clientHeight"
    heads = "[...document.querySelectorAll('#rows .vh .sorter')]"
    assert opened.run(f"{heads}.length") > 2
    assert opened.run(f"{heads}.every({whole})")


def test_the_browser_of_samples_filters_and_sorts(opened):
    assert count(opened) == "5,000 of 5,000"
    change(opened, "find", "s00123", "input")
    assert count(opened) == "10 of 5,000"
    change(opened, "find", "", "input")
    change(opened, "which", "lost")
    lost = count(opened)
    assert lost not in {"5,000 of 5,000", "0 of 5,000"}
    change(opened, "which", "won")
    assert count(opened) == "0 of 5,000"
    change(opened, "which", "all")
    opened.run("document.querySelectorAll('#rows .sorter')[2].click()")
    assert opened.run("document.querySelectorAll('#rows [aria-sort]').length") == 1
    assert len(opened.run(ROWS)) < 60  # of 5,000: only what is seen is drawn
    opened.run("document.getElementById('rows').scrollTop = 5000 * 30")
    opened.until(
        f"{ROWS}.length > 0 && Number(document.querySelector('#rows .vr:last-child').getAttribute('aria-rowindex')) === 5001"
    )


def test_a_sample_is_picked_by_key_and_tells_every_condition(opened):
    opened.run("document.getElementById('rows').focus()")
    for _ in range(2):
        opened.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowDown", code="ArrowDown")
    opened.until("document.querySelectorAll('#detail meter').length > 5")
    assert opened.run("document.querySelector('#detail h3').textContent") == "s000001"
    assert opened.complaints() == []


def test_dark_and_light_follow_the_system_and_the_button(opened):
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened.run(colour)
    opened.prefer("dark")
    dark = opened.run(colour)
    assert dark != light
    opened.run("document.getElementById('theme').click()")
    assert opened.run(colour) == light
    opened.prefer("light")
    opened.run("document.getElementById('theme').click()")
    assert opened.run(colour) == dark


def contrast(tab, selector):
    """WCAG contrast of a text against the paper behind it."""
    return tab.run(
        """(() => {
        const parse = (c) => c.match(/[\\d.]+/g).slice(0, 3).map(Number);
        const lum = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
        const e = document.querySelector('SELECTOR'), s = getComputedStyle(e);
        const text = lum(parse(e instanceof SVGElement ? s.fill : s.color));
        const back = lum(parse(getComputedStyle(document.querySelector('.challenge')).backgroundColor));
        return (Math.max(text, back) + .05) / (Math.min(text, back) + .05); })()""".replace(
            "SELECTOR", selector
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(opened, scheme):
    opened.prefer(scheme)
    for selector in (
        ".question",
        ".headline",
        "svg .label",
        "svg .name.c0",
        ".ci",
        ".challenge a, .advice summary",
    ):
        assert contrast(opened, selector) >= 4.5, selector


def test_it_prints_with_a_table_in_place_of_the_browser(opened):
    pdf = base64.b64decode(opened.call("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF")
    opened.call("Emulation.setEmulatedMedia", media="print")
    shown = "getComputedStyle(document.querySelector('%s')).display"
    assert opened.run(shown % ".paper") == "block"
    assert opened.run(shown % "#browser") == "none"
    tall = (
        "[...document.querySelectorAll('.paper tbody tr')].filter(r => r.offsetHeight > 10).length"
    )
    assert opened.run(tall) == 50
    opened.run("document.documentElement.dataset.theme = 'dark'")
    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert contrast(opened, ".headline") >= 4.5  # ink on paper, whatever the screen showed
    opened.call("Emulation.setEmulatedMedia", media="")


def test_a_file_for_a_spreadsheet_holds_no_formula(tab, tmp_path):
    run = run_folders.make(tmp_path / "run")
    names = ["=1+1", "+2", "-3+4", "@x", "-5", 'say "hi"', "plain"]
    run_folders.write_samples(run, len(names), list(run_folders.robustness_rows()), names=names)
    tab.open(page.write(read(run), tmp_path / "r.html"))
    tab.until(READY)
    lines = tab.run(
        """new Promise((done) => {
        const make = URL.createObjectURL;
        URL.createObjectURL = (blob) => { blob.text().then((t) => done(t.split('\\r\\n'))); return make(blob); };
        document.getElementById('export').click(); })"""
    )
    first = [line.split(",")[0] for line in lines[1:-1]]
    assert first == ['"\'=1+1"', '"\'+2"', '"\'-3+4"', '"\'@x"', '"-5"', '"say ""hi"""', '"plain"']


def test_hostile_texts_run_nothing(tab, tmp_path):
    report = page.write(read(hostile_run(tmp_path / "run")), tmp_path / "r.html")
    tab.open(report)
    tab.until(READY)
    tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    for step in (0, 100, 2000, 4000, 6000):
        tab.run(f"document.getElementById('rows').scrollTop = {step}")
        tab.run("document.querySelector('#rows .vr').click()")
    tab.until("document.querySelectorAll('#detail meter').length > 5")
    assert tab.run("document.title") == "mmaudit: run"
    assert tab.run("window.PWNED === undefined")
    assert tab.run("document.querySelectorAll('img, iframe, object, embed, base').length") == 0
    assert tab.run("document.querySelectorAll('script').length") == 1
    assert "onerror" in tab.run("document.body.textContent")
    assert tab.complaints() == []


def test_a_hundred_thousand_samples_fit_and_paint_at_once(tab, tmp_path):
    """100,000 samples and 20 conditions: at most 6 MB, and the first paint within 2 s of CPU."""
    rows = [*run_folders.robustness_rows(severities=(1, 2, 3, 4, 5)), *run_folders.missing_rows()]
    rows += [
        run_folders.row(
            "accuracy",
            run_folders.wide(0.7 + i / 100, 0.01),
            f"image/x{i}:3@image",
            f"image/x{i}",
            3,
        )
        for i in range(6)
    ]
    run = run_folders.make(tmp_path / "run", rows=rows)
    run_folders.write_samples(run, 100_000, rows, parts=4)
    report = page.write(read(run), tmp_path / "r.html")
    assert report.stat().st_size <= 6_000_000
    tab.open(report)
    paint = tab.run(
        "new Promise((done) => { const told = performance.getEntriesByName('first-contentful-paint');"
        " if (told.length) done(told[0].startTime); else new PerformanceObserver((list) =>"
        " done(list.getEntriesByName('first-contentful-paint')[0].startTime))"
        ".observe({type: 'paint', buffered: true}); })"
    )
    assert paint < 2000
    tab.until(READY)
    assert count(tab) == "100,000 of 100,000"
    assert tab.run("document.getElementById('under').options.length") == 20
    spent = tab.run(
        "(() => { const t = performance.now(); document.querySelectorAll('#rows .sorter')[3].click();"
        " return performance.now() - t; })()"
    )
    assert spent < 5000
    print(f"{report.stat().st_size / 1e6:.2f} MB, first paint {paint:.0f} ms, sort {spent:.0f} ms")
