"""The sections of a README."""

from builder.generate.readme_sections import missing_sections


def test_missing_sections__reads_other_headings() -> None:
    """Other words, underlined headings and a lead paragraph count as well."""
    text = (
        "Rain\n====\n\nShows how much rain has fallen.\n\n## Getting started\n\n## How to use\n\n"
        "How it works\n------------\n\n### Licence (MIT)\n"
    )
    assert missing_sections(text) == ()


def test_missing_sections__names_what_lacks() -> None:
    """Words in the text and headings in a code block are no sections."""
    text = "# Rain\n\nSetup and usage.\n\n```\n## Usage\n```\n\n## License\n"
    assert missing_sections(text) == ("summary", "setup", "usage", "code explanation")


def test_missing_sections__of_nothing() -> None:
    """An empty README lacks every section."""
    assert len(missing_sections("")) == 5
