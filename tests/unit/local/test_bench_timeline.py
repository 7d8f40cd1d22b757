"""How the seconds between POST and callback are told apart."""

import pytest

from tests.bench.chain.timeline import PUBLISH, Kind, Span, Timeline

STAGES = (Span("Install", 100, 105), Span("Generate", 105, 120), Span(PUBLISH, 120, 130))


def test_timeline__whose_seconds() -> None:
    """Calls that overlap count once, and a build counts only while its stage waits for it."""
    calls = (Span("app", 106, 112), Span("reading", 106, 108), Span("scenarios", 115, 117))
    builds = (Span("first", 104, 110), Span("second", 123, 126))
    timeline = Timeline(STAGES, calls, builds, 1.0)
    assert timeline.by_stage() == {
        ("Install", Kind.OURS): 5,
        ("Generate", Kind.OURS): 7,
        ("Generate", Kind.MODEL): 8,
        (PUBLISH, Kind.OURS): 7,
        (PUBLISH, Kind.PAGES): 3,
    }
    assert sum(map(timeline.of, Kind)) == timeline.seconds == timeline.on_github == 30


@pytest.mark.parametrize(
    ("first", "seconds"),
    [
        # Ours 21, the model 60, the second build 30.
        pytest.param(Span("first", 104, 107), 21 + 60 + 30, id="over-while-the-model-works"),
        # It begins after 4 and takes 100; 7 of ours and the second build follow.
        pytest.param(Span("first", 104, 114), 4 + 100 + 7 + 30, id="longer-than-the-model"),
    ],
)
def test_timeline__at_full_length(first: Span, seconds: float) -> None:
    """On GitHub model and Pages take longer, at the same time where they do here, ours does not."""
    timeline = Timeline(STAGES, (Span("app", 106, 112),), (first, Span("second", 123, 126)), 0.1)
    assert timeline.on_github == pytest.approx(seconds)
