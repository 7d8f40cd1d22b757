"""The page: what a plan shows, put into its template."""

import re
from collections.abc import Sequence

from builder.files.decoding import UTF_8
from builder.ports import Render
from builder.templated.papers import file_notes
from builder.templated.parts import Filter, Markdown, Part, Words
from builder.templated.planning import Plan
from builder.templated.sound_links import dead_targets, without_links
from builder.templated.views import shown

_VIEWS = {
    "tables.js": {"figure", "extreme", "groups", "rows", "filter"},
    "texts.js": {"markdown", "raw", "textCount", "field"},
    "pictures.js": {"picture", "pictureSize"},
}
"""Which file below `templates/site/script` shows which kinds of parts."""


def page(plan: Plan, brief: str, paths: Sequence[str], render: Render) -> str:
    """Return index.html; `paths` are all files of the site."""
    html = _rendered(plan, brief, paths, render)
    dead = dead_targets(html, paths)
    # The script renders Markdown anew, and has to know them too.
    return without_links(_rendered(plan, brief, paths, render, dead), dead) if dead else html


def _rendered(
    plan: Plan, brief: str, paths: Sequence[str], render: Render, dead: Sequence[str] = ()
) -> str:
    heading = next((part for part in plan.parts if _is_heading(part)), None)
    parts = [(part, _built(part, plan)) for part in plan.parts if part is not heading]
    filters = [pair for pair in parts if isinstance(pair[0], Filter)]
    return render(
        "site/index.html.j2",
        title=plan.title,
        heading=heading.text if isinstance(heading, Words) else plan.title,
        heading_id=heading.id if heading else None,
        shows_heading=not _is_in_markdown(plan.title, plan),
        filters=filters,
        figures=[pair for pair in parts if pair[0].is_compact],
        sections=[pair for pair in parts if pair not in filters and not pair[0].is_compact],
        brief=None if plan.filled else brief,
        gaps=plan.gaps(paths),
        files=[(path, note) for path, note in file_notes(paths, plan) if path != "index.html"],
        styles=[
            style for library in plan.libraries for style in library.style_urls(plan.address_parts)
        ],
        scripts=[
            url for library in plan.libraries for url in library.script_urls(plan.address_parts)
        ],
        failure=plan.failure,
        plan=_for_script(plan) | {"dead": dead},
        views=_views(plan),
    )


def _built(part: Part, plan: Plan) -> object:
    """Return what stands in the HTML: nothing where the brief wants the script to put it in."""
    is_left_out = plan.is_filled_by_script and part.is_compact and part.file
    return "" if is_left_out else shown(part, plan.sources)


def _is_heading(part: object) -> bool:
    return isinstance(part, Words) and part.element == "h1"


def _is_in_markdown(title: str, plan: Plan) -> bool:
    """Say whether a rendered file brings this very heading itself."""
    heading = re.compile(rf"^# +{re.escape(title)}[ #]*$", re.MULTILINE)
    files = (part.file for part in plan.parts if isinstance(part, Markdown))
    return any(heading.search(plan.sources.text(file)) for file in files)


def _for_script(plan: Plan) -> dict[str, object]:
    return {
        "parameter": plan.other.parameter,
        "replaceable": plan.other.replaceable,
        "bound": plan.other.bound,
        "failure": plan.failure.message,
        "parts": [part.plan() for part in plan.filled if part.file],
        "encodings": _encodings(plan),
    }


def _encodings(plan: Plan) -> dict[str, str]:
    """Return the files in other encodings than what `fetch` takes them for."""
    files = {part.file for part in plan.filled if part.file in plan.sources.contents}
    encodings = {file: plan.sources.encoding(file) for file in sorted(files)}
    return {file: encoding for file, encoding in encodings.items() if encoding != UTF_8}


def _views(plan: Plan) -> list[str]:
    kinds = {part.kind for part in plan.filled}
    return [name for name, shows in _VIEWS.items() if kinds & shows]
