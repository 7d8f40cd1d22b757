"""Which libraries briefs and checks ask for, and which they refuse."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from builder.brief.prose import sentences
from builder.request import Check
from builder.templated.libraries import LIBRARIES, Library
from builder.templated.library_checks import AddressPart, address_parts, refused_in_script

_VERB = (
    r"(?:\s+(?:ever|be|to))*(?:\s+(?:us(?:e[sd]?|ing)|load(?:s|ed|ing)?|includ(?:e[sd]?|ing)|"
    r"import(?:s|ed|ing)?|add(?:s|ing)?|pull(?:s|ing)?\s+in|bring(?:s|ing)?\s+in|"
    r"rel(?:y|ies|ying)\s+(?:up)?on|depend(?:s|ing)?\s+(?:up)?on|need(?:s|ing)?|"
    r"requir(?:e[sd]?|ing)|embed(?:s|ding)?|ship(?:s|ping)?))?"
)
_ANY = r"(?:any|an?|the|external|third-party|3rd-party|other|extra|either|use of|help of|such as)"
_OTHER = (
    r"(?:(?-i:[A-Z])[\w.]*|[\w-]+\.(?:js|css)|(?:js\s+|css\s+|javascript\s+)?"
    r"(?:librar(?:y|ies)|frameworks?)|(?:chart|highlight|d3|lodash|vue|react|angular|tailwind|"
    r"bootstrap|jquery|marked)(?:\.?js)?)"
)
_REFUSES = re.compile(
    rf"(?:\b(?:without|avoid(?:s|ing)?|instead\s+of|rather\s+than|in\s+place\s+of|no\s+need\s+for|"
    rf"no|nor|neither|never|not|cannot)|n[o']t\b|(?:^|[,;:.]|\band\b|\bplease\b)\s*"
    rf"(?:remove|drop|get\s+rid\s+of|eliminate|replace)){_VERB}"
    rf"(?:\s+{_ANY})*\s+(?:{_OTHER}[\s:(]*(?:[,/]|\b(?:or|nor|and|such as|like|eg)\b)[\s,]*"
    rf"(?:(?:or|nor|and)\s+)?(?:{_ANY}\s+)*)*$",
    re.IGNORECASE,
)
"""Before a name: `do not include`, `no React, Vue or`."""
_REFUSED = re.compile(
    rf"(?:\s*(?:,|or|and|nor|/)+\s*{_OTHER})*\s*(?:-free\b|(?:is|are|must|should|may|shall|can|does|do|will)?"
    r"\s*(?:not|n't|never)\s+(?:to\s+)?(?:be\s+)?(?:used|loaded|included|imported|needed|required|"
    r"allowed|permitted|necessary|wanted|welcome|there|present|added|appear)\b|"
    r"(?:is|are)\s+(?:forbidden|prohibited|banned|disallowed|off limits|unwelcome)\b)",
    re.IGNORECASE,
)
"""After a name: `must not be used`, `is forbidden`."""
_END = re.compile(r"[\s`\"'*_]*(?:$|[.,;:!?)\]–—-])")  # noqa: RUF001 (dashes of prose)
_GOES_ON = re.compile(
    r"[\s`\"'*_]*(?:/|(?:and|or|nor|but|for|to|at\s+all|anywhere|here|please|because|since|as|so|"
    r"just|only|librar\w+|frameworks?|either|with|by|on|when|while|"
    r"(?:is|are|may|must|should|can)\s+(?:be\s+)?(?:loaded|used|included|there|allowed|needed))\b)",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(r"[\s`\"'*_]*(?:v?\d|(?:from|via|version|over)\b)", re.IGNORECASE)
"""After a name: then one version or source is refused, and the library itself may be wanted."""

_KINDS = r"(?:librar(?:y|ies)|dependenc(?:y|ies)|packages?|frameworks?|CDNs?|plugins?|scripts?)"
_NO_OTHERS = re.compile(
    rf"\b(?:no|without|zero|avoid\w*|not{_VERB}|n't{_VERB})\s+(?:(?:any|use\s+of|using|external|"
    r"third-party|3rd-party|additional|other|extra|further|outside|js|javascript|client-side|npm|"
    rf"runtime|css|front-?end)\s+)*(?:{_KINDS}\s*(?:,|or|and|/|nor)+\s*(?:other\s+|external\s+)?)*"
    r"(?:librar(?:y|ies)|dependenc(?:y|ies)|CDNs?|(?<=external )scripts?|(?<=party )scripts?)\b"
    r"|\b(?:vanilla|plain|pure|native)[\s-]+(?:js|javascript|ecmascript)\b"
    r"|\b(?:dependency|library)-free\b",
    re.IGNORECASE,
)
_NEARBY = 200
"""Characters before a name that are looked at."""


@dataclass(frozen=True)
class Choice:
    """The libraries that are asked for and refused."""

    wanted: tuple[Library, ...] = ()
    refused: frozenset[str] = frozenset()
    """Names of libraries."""
    refuses_others: bool = False
    """No library may be loaded that is not asked for by name."""
    address_parts: tuple[str, ...] = ()
    """What checks look for in addresses."""

    def allows(self, library: Library) -> bool:
        """Say whether the page may load a library of its own accord."""
        return library in self.wanted or not (self.refuses_others or library.name in self.refused)

    @classmethod
    def of(cls, rounds: Sequence[tuple[str, Sequence[Check]]]) -> "Choice":
        """Read the briefs and checks of all rounds; a later one wins."""
        standing: dict[str, bool] = {}
        parts: list[str] = []
        for text, checks in rounds:
            looked_for = address_parts(checks)
            standing |= _verdicts(text, checks, looked_for)
            parts += [part.text for part in looked_for]
        return cls(
            wanted=tuple(one for one in LIBRARIES if standing.get(one.name)),
            refused=frozenset(name for name, is_wanted in standing.items() if not is_wanted),
            refuses_others=any(_NO_OTHERS.search(text) for text, _ in rounds),
            address_parts=tuple(dict.fromkeys(parts)),
        )


def _verdicts(
    text: str, checks: Sequence[Check], looked_for: Iterable[AddressPart]
) -> Mapping[str, bool]:
    """Return what a round says of each library: wanted, refused, or nothing."""
    in_words = [check.source for check in checks if not check.is_javascript]
    in_scripts = refused_in_script(checks)
    parts = list(looked_for)
    said = {
        library.name: _verdict(library, text, in_words, in_scripts, parts) for library in LIBRARIES
    }
    return {name: verdict for name, verdict in said.items() if verdict is not None}


def _verdict(
    library: Library,
    text: str,
    in_words: Sequence[str],
    in_scripts: Sequence[str],
    parts: Iterable[AddressPart],
) -> bool | None:
    """Say whether a round wants a library; checks know best, then plain wording."""
    if any(_is_of(library, part) for part in parts):
        return True
    if any(library.mark in name.lower() or library.variable == name for name in in_scripts):
        return False
    mentions = list(_mentions(library, text))
    of_checks = [mention for words in in_words for mention in _mentions(library, words)]
    if False in mentions or False in of_checks:
        return False
    if True in mentions:
        return True
    serves = re.search(library.serves, text, re.IGNORECASE)
    if serves and not _NO_OTHERS.search(text):
        return True
    return False if mentions else None


def _is_of(library: Library, part: AddressPart) -> bool:
    has_files = library.styles if part.is_style else library.scripts
    return bool(has_files) and library.mark in part.text.lower()


def _mentions(library: Library, text: str) -> Iterator[bool | None]:
    """Yield for each mention: asked for, refused, or (None) refused in one form."""
    for sentence in sentences(text):
        for name in re.finditer(library.called, sentence, re.IGNORECASE):
            start = max(0, name.start() - _NEARBY)
            yield _asks(sentence[start : name.start()], sentence[name.end() :])


def _asks(before: str, after: str) -> bool | None:
    if _REFUSED.match(after):
        return False
    if not _REFUSES.search(re.sub(r"[`\"'*_]+$", "", before)):
        return True
    if _END.match(after):
        return False
    if re.search(r"\band\s+$", before):
        return True
    if _QUALIFIED.match(after):
        return None
    return not _GOES_ON.match(after)
