"""The smoke test in real Chromium: what it finds and what it leaves alone, on apps of all kinds."""

from collections.abc import Callable

import pytest

from builder.findings import Source
from builder.site import Site
from builder.verify.browser import Browser, programs
from builder.verify.page_report import PageReport
from tests.conftest import LIGHT_CHROMIUM
from tests.integration.verify.conftest import SharedBrowser


def app(body: str) -> Site:
    page = f"<!doctype html><html lang=en><title>App</title><body><h1>App</h1>{body}"
    return Site({"index.html": page.encode(), "about.html": b"<title>About</title>"})


Use = Callable[[str], PageReport]


@pytest.fixture
def use(shared_browser: SharedBrowser) -> Use:
    """Use a page with such a body, in a browser that runs."""
    return lambda body: shared_browser.look(app(body), budget=240)


def found(report: PageReport) -> set[str]:
    """Return what the use of the page found."""
    assert report.page.used_elements == report.page.usable_elements > 0
    return {
        f"{finding.severity} {finding.subject}"
        for finding in report.findings
        if finding.source is Source.USE
    }


CALCULATOR = """<output id=shown></output><div id=keys></div><script>
let text = "";
const press = {
  C: () => "", "⌫": () => text.slice(0, -1),
  "=": () => /\\d$/.test(text) ? String(eval(text)) : text,
  "±": () => text && (text[0] === "-" ? text.slice(1) : "-" + text),
  "+": () => /\\d$/.test(text) ? text + "+" : text,
};
for (const key of ["C", "⌫", "±", "7", "+", "8", "="]) {
  const button = Object.assign(document.createElement("button"), { textContent: key });
  button.onclick = () => {
    shown.textContent = text = press[key] ? press[key]() : text + key;
  };
  keys.append(button);
}
</script>"""

LIST = """<form id=form><input id=item required minlength=3><button>Add</button></form>
<button id=sort>Sort</button><button id=undo>Undo</button><button id=wipe>Clear</button>
<ul id=list></ul><script>
let items = [], past = [];
const show = next => {
  past.push(items); items = next;
  list.replaceChildren(...items.map(text =>
    Object.assign(document.createElement("li"), { textContent: text })));
};
form.onsubmit = event => { event.preventDefault(); show([...items, item.value]); form.reset(); };
sort.onclick = () => show(items.toSorted());
undo.onclick = () => { if (past.length) { const last = past.pop(); show(last); past.pop(); } };
wipe.onclick = () => show([]);
</script>"""

STOPWATCH = """<p id=shown>0</p><button id=start>Start</button><button id=halt>Stop</button>
<button id=reset>Reset</button><button id=late>Late</button><script>
let seconds = 0, ticking = null;
start.onclick = () => { ticking ??= setInterval(() => { shown.textContent = ++seconds; }, 1000); };
halt.onclick = () => { clearInterval(ticking); ticking = null; };
reset.onclick = () => { shown.textContent = seconds = 0; };
late.onclick = () => setTimeout(() => { late.textContent = "Done"; }, 1000);
</script>"""

NOT_IN_THE_PAGE = """<canvas id=flat width=50 height=50></canvas><canvas id=deep></canvas>
<button onclick="flat.getContext('2d').fillRect(0, 0, 20, 20)">Draw</button>
<button onclick="gl.clearColor(1, 0, 0, 1); gl.clear(gl.COLOR_BUFFER_BIT)">Paint</button>
<button onclick="navigator.clipboard.writeText('x')">Copy</button>
<button onclick="alert(1)">Alert</button><button onclick="prompt('x')">Prompt</button>
<button onclick="print()">Print</button><button onclick="window.open('about.html')">Open</button>
<button onclick="location = 'mailto:ada@example.com'">Mail</button>
<button onclick="Object.assign(document.createElement('a'),
  { href: 'data:,x', download: 'x.txt' }).click()">Export</button>
<a href="#/one">Route</a><a href="about.html">About</a>
<div id=strip style="width: 90px; overflow: auto"><div style="width: 900px">x</div></div>
<button onclick="strip.scrollBy(50, 0)">Next</button>
<details><summary>More</summary>text</details>
<dialog id=box><button>Inner</button></dialog><button onclick="box.showModal()">Dialog</button>
<button disabled>Off</button><select><option>a<option>b</select>
<script>const gl = deep.getContext("webgl");</script>"""

PARTS = """<my-part></my-part><iframe id=frame srcdoc="<p>x"></iframe>
<button onclick="frame.contentDocument.body.append('y')">Frame</button>
<div contenteditable id=note></div>
<button onclick="if (note.textContent) location.hash = note.textContent.length">Save</button>
<script>customElements.define("my-part", class extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = "<form><input name=word required><button>Go</button></form><p></p>";
    root.querySelector("form").onsubmit = event => {
      event.preventDefault(); root.querySelector("p").textContent += event.target.word.value;
    };
  }
});</script>"""


@pytest.mark.parametrize(
    "body",
    [CALCULATOR, LIST, STOPWATCH, NOT_IN_THE_PAGE, PARTS],
    ids=["calculator", "list", "stopwatch", "not in the page", "parts"],
)
def test_smoke__app_that_works(use: Use, body: str) -> None:
    """No warning of what has an effect in some state, later, elsewhere, or in a part of a page."""
    assert found(use(body)) == set()


def test_smoke__what_does_nothing_or_throws(use: Use) -> None:
    """A dead button or form is a warning, also where others work and time passes; an error, now
    or later, and a dead link are failures; each is named."""
    report = use(
        """<p id=clock></p><button>Dead</button><button onclick="missing()">Throws</button>
        <button onclick="setTimeout(() => missing(), 500)">Throws later</button>
        <form onsubmit="return false"><input name=q><button>Search</button></form>
        <a href="gone.html">Gone</a><button onclick="document.title += '!'">Title</button>
        <script>setInterval(() => { clock.textContent = Date.now(); }, 1000);</script>"""
    )
    assert found(report) == {
        "warning button 'Dead'",
        "warning form 'Search'",
        "failure button 'Throws'",
        "failure button 'Throws later'",
        "failure link 'Gone'",
    }


FIELDS = """<input type=date min=2030-01-01><input type=time min=12:00><input type=color>
<input type=range min=5 max=9 step=2><input type=email><input type=url>
<input type=number min=0.5 max=0.9 step=0.1><input type=number min=1000001>
<input type=number step=5><input pattern="[A-Z]{2}[0-9]{2}"><input pattern="[0-9]{5}">
<input minlength=20 maxlength=30><input maxlength=3><input type=file accept="image/*">
<select multiple><option>a<option>b</select><select><option value="">-<option>x</select>
<input type=tel><input type=password><input type=week><input type=month>
<input type=datetime-local max=2020-01-01T00:00><textarea></textarea><input type=checkbox>
<input type=radio name=r value=1><input type=radio name=r value=2>"""


def test_smoke__fields_of_every_type(use: Use) -> None:
    """Each field gets a value that its type, bounds and pattern allow: the form is submitted."""
    fields = FIELDS.replace("<input", "<input required").replace("<select", "<select required")
    throws = "<form onsubmit='event.preventDefault(); sent()'>"
    assert "failure form 'Send'" in found(use(f"{throws}{fields}<button>Send</button></form>"))


def test_smoke__pages_that_hinder() -> None:
    """Loops, dialogs without end, pages that leave, close or want to stay: the rest is used."""
    site = app(
        """<button onclick="while (true);">Loop</button>
        <button onclick="while (true) alert(1)">Alerts</button>
        <button onclick="onbeforeunload = () => 'stay'; location.reload()">Stay</button>
        <button onclick="location = 'about:blank'">Leave</button>
        <button onclick="window.close()">Close</button><button onclick="missing()">Bad</button>"""
    )
    report = Browser(programs(LIGHT_CHROMIUM), budget=240).look(site, "app", [])
    assert {"failure button 'Loop'", "failure button 'Alerts'", "failure button 'Bad'"} <= {
        *found(report)
    }
    assert report.page.opened
    assert report.page.reason == ""


def test_smoke__thousands_of_elements(use: Use) -> None:
    """Of many that are alike some are used, and what is different before them."""
    report = use(
        """<div id=grid></div><button onclick="missing()">Save</button><script>
        for (let number = 0; number < 2000; number++)
          grid.append(Object.assign(document.createElement("button"), { textContent: number,
            onclick: event => { event.target.style.color = "red"; } }));
        </script>"""
    )
    assert [found.subject for found in report.findings if found.source is Source.USE] == [
        "button 'Save'"
    ]
    assert (report.page.used_elements, report.page.usable_elements) == (30, 2001)
