"""What briefs say about attachments: to be changed, or to stay as they came."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.brief.attachment_wording import asks_to_change


@pytest.mark.parametrize(
    "brief",
    [
        'In d.csv, correct the misspelled product "Mug" to "Cup".',
        "Please fix the names: in the attached d.csv, replace Mug with Cup.",
        "Update the README.md and the attached d.csv with the new fields.",
        "Make a to-do page. Update the README.md and the attached d.csv with one task.",
        "Update index.html, style.css and d.csv.",
        "Replace every tab in d.csv with four spaces.",
        "Replace Mug with Cup in d.csv.",
        "Replace 'x' with the word 'y' throughout d.csv",
        "Rename the column qty to quantity in d.csv.",
        "Rename the columns of d.csv to English.",
        "Sign the attached d.csv with your name.",
        "Answer the questions in the attached d.csv, below each question.",
        "The attached d.csv has a typo: replace Mug with Cup.",
        "d.csv contains two spelling mistakes. Fix them.",
        "`d.csv` has a wrong price, so correct it.",
        "Prettify d.csv with two spaces.",
        "Pretty-print the attached `d.csv`",
        "Sort the rows of d.csv by date and save it back.",
        "Sort d.csv by date. Save the result under the same name.",
        "Sort d.csv in place.",
        "Publish an anonymised version of d.csv (without the email column) under the same name.",
        "Save the sorted d.csv under the same name.",
        "Anonymise d.csv before publishing; the original must not be in the repo.",
        "Anonymize d.csv. Do not publish d.csv as it is.",
        "Redact the phone numbers in d.csv.",
        "Delete incomplete rows from d.csv and deliver the file under the same name.",
        "d.csv should be translated to French.",
        "- `d.csv`: update it with the new prices",
        "Build a page and fix the typos in d.csv.",
        "Fix the typos in d.csv and mention it in README.md.",
        "Correct d.csv and link it from index.html",
        "Update d.csv to match schema.json",
        "Append a line 'checked' to the attached d.csv.",
        "Correct the totals in d.csv, they are in the wrong currency.",
        "The attached d.csv contains errors. Fix them and commit the corrected file as d.csv.",
        "Translate d.csv into German and save it as d.csv.",
        "Complete the attached template d.csv: fill in the TODOs.",
    ],
)
def test_asks_to_change__what_is_to_be_delivered_changed(brief: str) -> None:
    """An order to edit the file, or what it holds, frees it."""
    assert asks_to_change("d.csv", brief)


@pytest.mark.parametrize(
    "brief",
    [
        "Translate the attached d.csv into German as de.csv; the page shows a row of d.csv.",
        "Translate the attached d.csv into German and save it as strings.de.json",
        "Translate d.csv to French. Save the translation as fr.csv.",
        "Translate d.csv into plain English, then write the text to en.csv",
        "Translate d.csv (English) as de.csv",
        "Translate d.csv into a new file called de.csv",
        "Fix the typos of d.csv in a separate file",
        "Clean d.csv and publish the result as clean.csv.",
        "Convert and clean the attached d.csv into clean.csv.",
        "The app should update d.csv in memory when a game ends.",
        "Users can fill in form.json and add entries to d.csv.",
        "Let the user edit d.csv in a textarea and download it.",
        "A button lets visitors add rows to d.csv.",
        "Build a page to edit d.csv.",
        "Players must complete d.csv to win.",
        "Update d.csv in the browser.",
        "When a user clicks, add the row to d.csv.",
        "Sort the rows of d.csv by date and show them in #t.",
        "Sort d.csv by date in #t",
        "Prettify d.csv and show it in #out.",
        "Publish d.csv under the same name.",
        "Replace the heading with the first line of d.csv",
        "Replace the text of #out with the rows in d.csv",
        "Answer the questions in d.csv on the page.",
        "Answer the questions in d.csv in answers.txt",
        "Remove duplicates from d.csv before plotting.",
        "Rename the app to the name in d.csv",
        "Add a chart with the values in d.csv",
        "Add a section for each entry in d.csv",
        "Fix style.css; d.csv is fine.",
        "Fix style.css and d.csv stays the source",
        "Rewrite app.js and use d.csv",
        "Fix the broken chart that reads d.csv.",
        "Improve the page; d.csv stays the source.",
        "Use the attached d.csv; never edit it.",
        "Do not overwrite d.csv.",
        "Sign in with d.csv",
        "In d.csv, the price is in euro; replace the currency sign on the page.",
        "In d.csv, replace missing values by 0 and show the sum.",
        "d.csv has missing values: remove those rows before you sum.",
        "d.csv contains errors: skip the rows.",
        "Style the page like d.csv",
        "Keep the attached d.csv as it is and save your version as index.html.",
        "Replace placeholder.png with d.csv",
        "Convert d.csv to data.json: a list of objects.",
        "Save the cleaned d.csv as clean.csv.",
        "Publish a copy of d.csv under the same name.",
        "Show the typos in d.csv.",
    ],
)
def test_asks_to_change__what_stays(brief: str) -> None:
    """What becomes another file, what a page shows, and what an app does frees nothing."""
    assert not asks_to_change("d.csv", brief)


def test_asks_to_change__of_names_alike() -> None:
    """A name within a longer one, or in a folder, is another file's."""
    for brief in ("Fix and.csv.", "Fix d.csv.bak.", "Fix old/d.csv.", "Fix my-d.csv."):
        assert not asks_to_change("d.csv", brief)
    assert asks_to_change("old/d 1.csv", "Fix old/d 1.csv.")


@given(
    st.lists(st.sampled_from(["d.csv", "a.md", " ", ". ", ", ", "fix ", "to ", "the ", "save it "]))
)
def test_asks_to_change__never_raises(words: list[str]) -> None:
    """Whatever is written, an answer comes."""
    asks_to_change("d.csv", "".join(words))


def test_asks_to_change__takes_no_time() -> None:
    """A long brief of odd wording is read in no time."""
    start = time.perf_counter()
    for part in ("fix ", ", ", "and then ", "the attached file ", "(", "d.csv "):
        asks_to_change("d.csv", part * 2_000 + "d.csv has an error:")
    assert time.perf_counter() - start < 2
