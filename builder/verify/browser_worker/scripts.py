"""JavaScript that is run on a page: our own, and the ways to read a check."""

import re

LOOKUP = re.compile(
    r"""document\.(?:
        title\b
        | (?:querySelector(?:All)?|getElementById)
          \(\s* (?P<quote>['"`]) (?:\\.|(?!(?P=quote)).)* (?P=quote) \s*\)
    )""",
    re.VERBOSE,
)
MENTIONS_SHOWN = 4

IS_BLANK = """
(() => {
  if (!document.body) return true;
  if (document.body.innerText.trim()) return false;
  const pictures = "img,svg,canvas,video,audio,iframe,object,embed,input,button,select,textarea,"
    + "progress,meter,hr";
  return ![...document.body.querySelectorAll("*")].some(element => {
    const { width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2) return false;
    const style = getComputedStyle(element);
    if (style.visibility !== "visible" || style.opacity === "0") return false;
    return element.matches(pictures) || style.backgroundImage !== "none"
      || !/^(transparent|rgba\\(0, 0, 0, 0\\))$/.test(style.backgroundColor);
  });
})()
"""
"""True if the page shows nothing that a person would see."""

OVERFLOW = """
(() => {
  const root = document.scrollingElement || document.documentElement;
  const clips = element => ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
  const excess = root.scrollWidth - root.clientWidth;
  if (excess < 2 || [document.documentElement, document.body].some(clips)) return "";
  const right = element => element.getBoundingClientRect().right;
  const widest = [...document.body.querySelectorAll("*")]
    .reduce((most, element) => right(element) > right(most) ? element : most, document.body);
  const { tagName, id, className } = widest;
  const name = tagName.toLowerCase() + (id ? `#${id}` : "")
    + (typeof className === "string" && className ? `.${className.trim().split(/\\s+/)[0]}` : "");
  return `${excess} px wider than the screen, up to ${name}`;
})()
"""
"""How far the page scrolls sideways, and because of which element; empty if it does not."""

DESCRIBE = """
(() => {
  const cut = text => text.length > 160 ? text.slice(0, 160) + "…" : text;
  const show = value => value === null ? "no such element"
    : value instanceof Element ? cut(value.outerHTML)
    : value instanceof NodeList ? `${value.length} elements`
      + [...value].slice(0, 2).map(item => ` ${cut(item.outerHTML)}`).join("")
    : cut(JSON.stringify(value) ?? String(value));
  return show(%s);
})()
"""
"""Describes a part of the page, which `describe` fills in."""

_FUNCTION = re.compile(r"[\s(]*(?:async\b\s*)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)")


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
    return DESCRIBE % mention


def mentions(expression: str) -> list[str]:
    """Return the parts of the page that a check looks up, each as an expression."""
    found = [match[0] for match in LOOKUP.finditer(expression)]
    return list(dict.fromkeys(found))[:MENTIONS_SHOWN]
