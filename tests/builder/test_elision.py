"""Telling a file that was delivered in part from one that was not."""

import pytest

from builder.authoring.elision import elisions


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.js", "// ... rest of the code stays the same"),
        ("a.js", "  // ... rest of code ..."),
        ("a.html", "<!-- existing code here -->"),
        ("a.css", "/* ... unchanged ... */"),
        ("a.py", "# ... (rest of file unchanged)"),
        ("a.html", "... rest stays the same ..."),
        ("a.js", "// ... existing code ..."),
        ("a.txt", "[rest of the file unchanged]"),
        ("a.js", "// (same as before)"),
        ("a.html", "<!-- Previous content remains the same -->"),
        ("a.js", "// The rest of your JavaScript code remains unchanged"),
        ("a.js", "// … other functions"),
        ("a.html", "<!-- The rest of the page is unchanged -->"),
        ("a.js", "/* styles omitted for brevity */"),
        ("README.md", "… the rest of the file stays the same"),
        ("a.html", "[... rest of file unchanged ...]"),
        ("a.js", "// Keep existing code here"),
        ("a.js", "// unchanged"),
        ("a.js", "{/* existing code here */}"),
        ("a.js", "// ...rest of"),
        ("a.js", "// [existing code]"),
        ("a.js", "// rest of the script"),
        ("a.js", "// ... same as before"),
        ("a.html", "<!-- ... -->"),
        ("a.js", "// ... (keep existing functions)"),
        ("a.js", "// your existing code goes here"),
        ("a.js", "// remaining code unchanged"),
        ("a.js", "// previous code remains the same"),
    ],
)
def test_elisions__finds_a_line_that_stands_in_for_others(path: str, line: str) -> None:
    """A comment or a dotted remark that says nothing but "the rest is as before" is found."""
    assert list(elisions(path, f"first\n{line}\nlast")) == [(2, line.strip())]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.js", "const {a, ...rest} = obj;"),
        ("a.js", "  ...rest,"),
        ("a.js", "  ...existing,"),
        ("README.md", "The rest of the page is unchanged when you reload."),
        ("a.html", "<p>The rest stays the same.</p>"),
        ("a.js", "// Show the previous state while loading..."),
        ("a.js", "// Loading..."),
        ("a.css", "color: red; /* unchanged */"),
        ("a.js", "// The existing code path handles nulls"),
        ("README.md", "# Unchanged"),
        ("a.js", "// keep the rest of the rows in view"),
        ("a.txt", "and the other boats remain…"),
        ("a.txt", "…the rest is silence"),
        ("README.md", "...more to come"),
        ("a.js", "// Sum the remaining rows"),
        ("a.js", "// unchanged rows keep their colour"),
        ("a.js", "return [...rows, ...other];"),
        ("a.js", "// Same as above but for columns"),
        ("a.js", "  ...rest of"),
        ("a.md", "- Same as before"),
        ("a.js", "// parse the rest of the file"),
        ("a.js", "// other styles"),
        ("a.js", "// Existing elements are reused"),
        ("a.js", "status = 'unchanged';"),
        ("a.js", "//# sourceMappingURL=x.js.map"),
        ("a.js", "// remaining elements"),
        ("a.js", "// original code by Ann"),
    ],
)
def test_elisions__leaves_prose_and_code_alone(path: str, line: str) -> None:
    """Spread syntax and sentences about something that stays the same are no omissions."""
    assert list(elisions(path, f"first\n{line}\nlast")) == []
