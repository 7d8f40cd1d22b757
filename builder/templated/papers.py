"""The README of a site from templates, and of one whose model wrote none."""

from collections.abc import Iterable, Sequence

from builder.ports import Render
from builder.request import Request
from builder.rounds import Base
from builder.templated.parts import Filter
from builder.templated.planning import Plan, plan
from builder.templated.sources import earlier_rounds

_NOTES = {
    "index.html": "the page",
    "README.md": "about this app",
    "LICENSE": "the MIT licence",
}


def readme(request: Request, base: Base, site_paths: Iterable[str], render: Render) -> str:
    """Return README.md: summary, setup, usage, code explanation, changes by round, licence."""
    return readme_of(plan(request, base), request, base, tuple(site_paths), render)


def readme_of(
    planned: Plan, request: Request, base: Base, paths: Sequence[str], render: Render
) -> str:
    """Return README.md for a page that is planned already."""
    return render(
        "README.md.j2",
        title=planned.title,
        shows=[f"{part.described()} (in `#{part.id}`)" for part in planned.filled],
        parameter=planned.other.parameter,
        replaceable=planned.other.replaceable,
        filters=[f"`#{part.id}`" for part in planned.parts if isinstance(part, Filter)],
        files=file_notes(paths, planned),
        elements=[(part.id, part.described()) for part in planned.filled if part.file],
        libraries=[f"{library.name} {library.version}" for library in planned.libraries],
        gaps=planned.gaps(paths),
        rounds=_rounds(request, base),
    )


def _rounds(request: Request, base: Base) -> list[dict[str, object]]:
    told = [
        (past.round, past.brief, list(past.attachments)) for past in earlier_rounds(request, base)
    ]
    told.append((request.round, request.brief, [file.name for file in request.attachments]))
    entries: list[dict[str, object]] = []
    known: set[str] = set()
    for number, brief, names in told:
        replaced = known.intersection(names)
        entries.append({"number": number, "brief": brief, "files": names, "replaced": replaced})
        known.update(names)
    return entries


def file_notes(paths: Iterable[str], planned: Plan) -> list[tuple[str, str]]:
    """Return the files that Pages serves, each with a word on what it is."""
    contents = planned.sources.contents
    return [
        (path, _NOTES.get(path) or ("attachment" if path in contents else "named in the brief"))
        for path in paths
        if not path.startswith(".")
    ]
