"""builder.templated.library_wording: which libraries are asked for and refused."""

import pytest

from builder.request import Check
from builder.templated.libraries import CHART, LIBRARIES, MARKED
from builder.templated.library_wording import Choice


def choice(text: str, *checks: str) -> Choice:
    return Choice.of([(text, [Check.model_validate(check) for check in checks])])


def wanted(text: str, *checks: str) -> set[str]:
    return {library.name for library in choice(text, *checks).wanted}


@pytest.mark.parametrize(
    "text",
    [
        "Use no framework and do not include jQuery.",
        "Show the table without jQuery.",
        "Don't load `jQuery`, please.",
        "It must work without any framework such as jQuery or Bootstrap",
        "Use neither jQuery nor Bootstrap.",
        "No jQuery, no Bootstrap.",
        "Do not use React, Vue or jQuery",
        "jQuery must not be used.",
        "jQuery and Bootstrap are not allowed here.",
        "jQuery is forbidden.",
        "Use plain CSS instead of Bootstrap.",
        "Use fetch() rather than jQuery for the requests.",
        "A jQuery-free page.",
        "Avoid using Bootstrap.",
        "There is no need for Bootstrap.",
        "Please remove jQuery.",
        "- do not use jQuery\n- do not use Bootstrap",
        "Do not load jQuery from a CDN.",
        "without jQuery and Bootstrap.",
        "The page never loads Bootstrap because it is slow.",
        "Bootstrap isn't needed.",
    ],
)
def test_libraries__refused(text: str) -> None:
    """What a brief refuses is not loaded, in whatever words."""
    assert wanted(text) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Use Bootstrap, not jQuery.", {"Bootstrap"}),
        ("Do not forget to load Bootstrap.", {"Bootstrap"}),
        ("Do not hard-code the total, and load Bootstrap 5.", {"Bootstrap"}),
        ("Do not use Bootstrap 4 but Bootstrap 5.", {"Bootstrap"}),
        ("Do not load jQuery from googleapis: take jQuery from jsdelivr.", {"jQuery"}),
        ("Do not change the Bootstrap theme.", {"Bootstrap"}),
        ("Do not use Bootstrap modals.", {"Bootstrap"}),
        ("Use no jQuery and Bootstrap 5 for the layout.", {"Bootstrap"}),
        ("No build step; Bootstrap from a CDN.", {"Bootstrap"}),
        ("Not only jQuery but also Bootstrap is used.", {"jQuery", "Bootstrap"}),
        ("Without reloading the page, jQuery fetches the rows.", {"jQuery"}),
        ("Do not include tracking. Include Chart.js.", {"Chart.js"}),
        ("Vanilla JavaScript with Bootstrap 5.", {"Bootstrap"}),
        ("No external libraries except Chart.js.", {"Chart.js"}),
        ("Instead of reloading, load jQuery.", {"jQuery"}),
        ("highlights code blocks with highlight.js", {"highlight.js"}),
        ("with syntax highlighting", {"highlight.js"}),
        ("with syntax highlighting, but no external libraries", set()),
        ("If the file cannot be loaded, show a Bootstrap alert.", {"Bootstrap"}),
        ("convert notes.md with marked inside #x", {"marked"}),
        ("cells with marked text, done by marked volunteers", set()),
    ],
)
def test_libraries__asked_for(text: str, names: set[str]) -> None:
    """A refusal of something else leaves a library that is named in its place."""
    assert wanted(text) == names


@pytest.mark.parametrize(
    ("check", "names"),
    [
        ("""js: !!document.querySelector("script[src*='jquery']")""", {"jQuery"}),
        ("""js: document.querySelector('link[href*="bootstrap"]') !== null""", {"Bootstrap"}),
        (
            "js: document.querySelectorAll('script[src*=bootstrap]').length > 0",
            {"Bootstrap's scripts"},
        ),
        ("js: [...document.scripts].some(s => s.src.includes('chart.js'))", {"Chart.js"}),
        (r"js: [...document.scripts].some((s) => /marked/.test(s.src))", {"marked"}),
        ("""js: !document.querySelector("script[src*='jquery']")""", set()),
        ("""js: document.querySelector("script[src*='jquery']") === null""", set()),
        ("js: document.querySelectorAll('script[src*=jquery]').length === 0", set()),
        ("js: ![...document.scripts].some(s => s.src.includes('jquery'))", set()),
        ("js: [...document.links].some(a => a.href.includes('bootstrap.html'))", set()),
        ("js: document.querySelector('img[src*=chart]').complete", set()),
    ],
)
def test_libraries__in_checks(check: str, names: set[str]) -> None:
    """A check wants the library whose address it looks for, unless it looks for none."""
    assert wanted("A page.", check) == names


@pytest.mark.parametrize(
    "check",
    [
        """js: !document.querySelector("script[src*='jquery']")""",
        "js: !window.jQuery",
        "js: typeof jQuery === 'undefined'",
        "No jQuery is loaded",
    ],
)
def test_libraries__refused_by_a_check(check: str) -> None:
    """A check that wants a library to be absent outweighs prose that names it."""
    assert wanted("The old page used jQuery and Bootstrap.", check) == {"Bootstrap"}


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Use no external libraries.", False),
        ("vanilla JavaScript only", False),
        ("Without any libraries or frameworks.", False),
        ("Do not use third-party dependencies.", False),
        ("Use no framework or library.", False),
        ("Use no framework.", True),
        ("A library of books without any pictures.", True),
        ("Load the libraries from a CDN.", True),
    ],
)
def test_libraries__no_others(text: str, *, others: bool) -> None:
    """Where a brief wants no libraries the page takes none of its own accord."""
    assert choice(text).allows(MARKED) is others
    assert choice(text).allows(CHART) is others


def test_libraries__later_round_wins() -> None:
    """A library that a later round refuses, or asks for, is out or in again."""
    first: tuple[str, list[Check]] = ("Load jQuery and Bootstrap.", [])
    second: tuple[str, list[Check]] = ("Remove jQuery.", [])
    assert [one.name for one in Choice.of([first, second]).wanted] == ["Bootstrap"]
    assert len(Choice.of([first, second, first]).wanted) == 2


@pytest.mark.parametrize(
    ("part", "address"),
    [
        (
            "highlight.js",
            "https://cdn.jsdelivr.net/npm/@highlightjs/cdn-assets@11.12.0/highlight.js",
        ),
        (
            "highlight.min.js",
            "https://cdn.jsdelivr.net/npm/@highlightjs/cdn-assets@11.12.0/highlight.min.js",
        ),
        (
            "highlight",
            "https://cdn.jsdelivr.net/npm/@highlightjs/cdn-assets@11.12.0/highlight.min.js",
        ),
        ("unpkg.com", "https://unpkg.com/@highlightjs/cdn-assets@11.12.0/highlight.min.js"),
        (
            "no-such-part",
            "https://cdn.jsdelivr.net/npm/@highlightjs/cdn-assets@11.12.0/highlight.min.js",
        ),
    ],
)
def test_libraries__address_holds_what_checks_name(part: str, address: str) -> None:
    """Of the addresses of a file the first one is taken that holds the part."""
    (library,) = [one for one in LIBRARIES if one.name == "highlight.js"]
    assert library.script_urls([part]) == [address]


def test_libraries__every_address_holds_its_mark() -> None:
    """By its mark a part of an address is known to be of a library."""
    for library in LIBRARIES:
        urls = library.script_urls() + [style.url for style in library.style_urls()]
        assert urls
        assert all(library.mark in url for url in urls)
