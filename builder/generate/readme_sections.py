"""The sections that a README has to have: summary, setup, usage, code explanation, licence."""

import re

_SECTIONS = {
    "summary": r"summary|overview|about|description|introduction|what\b|features?|purpose",
    "setup": r"set-?\s?up|install\w*|getting started|prerequisites|requirements|running|run\b|"
    r"deploy\w*|quick ?start|development",
    "usage": r"usage|use\b|using|how to use|operation|user guide|examples?",
    "code explanation": r"code|how it works|explanation|explained|implementation|structure|"
    r"architecture|technical|under the hood|internals|files|design",
    "licence": r"licen[cs]e|licen[cs]ing|copyright",
}
_HEADING = re.compile(
    r"^[ ]{0,3}#{1,6}[ \t]+(.+?)[ \t#]*$|^([^\n#>`-][^\n]*)\n(?:=+|-+)[ \t]*$", re.M
)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_WORDS_OF_A_SUMMARY = 5


def missing_sections(text: str) -> tuple[str, ...]:
    """Return the names of the sections that a README lacks.

    A paragraph below the title counts as the summary.
    """
    text = _FENCED.sub("", text)
    headings = [(match[1] or match[2]).lower() for match in _HEADING.finditer(text)]
    missing = [
        name
        for name, words in _SECTIONS.items()
        if not any(re.search(rf"\b(?:{words})", heading) for heading in headings)
    ]
    if "summary" in missing and _has_lead(text):
        missing.remove("summary")
    return tuple(missing)


def _has_lead(text: str) -> bool:
    """Return whether some words stand between the title and the next heading."""
    _, *parts = _HEADING.split(text)
    lead = parts[2] if len(parts) > 2 else ""
    return len(re.findall(r"\w+", lead or "")) >= _WORDS_OF_A_SUMMARY
