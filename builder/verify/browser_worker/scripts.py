"""JavaScript that is run on a page: our own, from `js/`, and the ways to read a check."""

import re
from functools import cache
from pathlib import Path

LOOKUP = re.compile(
    r"""document\.(?:
        title\b
        | (?:querySelector(?:All)?|getElementById)
          \(\s* (?P<quote>['"`]) (?:\\.|(?!(?P=quote)).)* (?P=quote) \s*\)
    )""",
    re.VERBOSE,
)
MENTIONS_SHOWN = 4
JS = Path(__file__).with_name("js")
_FUNCTION = re.compile(r"[\s(]*(?:async\b\s*)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)")


@cache
def script(name: str) -> str:
    """Return an expression of ours by name."""
    text = (JS / f"{name}.js").read_text("utf-8")
    return text.replace("ROOTS;", (JS / "roots.js").read_text("utf-8"))


def readings(source: str) -> list[str]:
    """Return the scripts that a check may mean, the likeliest first; the first that parses counts.

    Usually it is an expression or statements, as in the console, where `await` may be used. A
    function is called, since by itself it is always truthy. What can only be a function body (it
    has a return) is run as one.
    """
    scripts = [source, f"(async () => {{\n{source}\n}})()"]
    if _FUNCTION.match(source):
        value = source.rstrip().rstrip(";")
        scripts.insert(0, f"(value => typeof value === 'function' ? value() : value)({value}\n)")
    return scripts


def describe(mention: str) -> str:
    """Return an expression that describes what `mention` is on the page."""
    return script("describe").replace("MENTION", mention)


def mentions(expression: str) -> list[str]:
    """Return the parts of the page that a check looks up, each as an expression."""
    found = [match[0] for match in LOOKUP.finditer(expression)]
    return list(dict.fromkeys(found))[:MENTIONS_SHOWN]
