"""What a person might put into a field, by its type."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import FilePayload

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cf500f0003860180d0cb13920000000049454e44ae426082"
)
"""A picture of one pixel."""

WORDS = ("Sample text", "More text", "Another text")
"""Used in turn, so that there is something to sort."""
TEXTS = {
    "email": "ada@example.com",
    "url": "https://example.com/",
    "tel": "+15550100",
    "password": "Passw0rd!23",
    "date": "2026-05-04",
    "month": "2026-05",
    "week": "2026-W19",
    "time": "10:30",
    "datetime-local": "2026-05-04T10:30",
    "color": "#336699",
}
TIMES = {"date", "month", "week", "time", "datetime-local"}
SAMPLES = (
    *("Sample", "sample", "SAMPLE", "Sample text", "Sample1", "sample-1", "AB12", "AB-123"),
    *("5", "42", "123", "2026", "12345", "123456", "5550100123", "555-010-0123", "+15550100"),
    *("4111111111111111", "12/30", "10:30", "2026-05-04", "#336699", "AB1 2CD", *TEXTS.values()),
)
"""Tried against a field's pattern."""

Field = Mapping[str, Any]


def text_for(field: Field, turn: int = 0) -> str:
    """Return a text that the field accepts, if one is known; words differ from turn to turn."""
    if field["type"] in {"number", "range"}:
        return _number_for(field)
    text = str(field["fitting"]) or TEXTS.get(field["type"], WORDS[turn % 3])
    if field["type"] in TIMES:
        return min(max(text, str(field["min"])), str(field["max"]) or "~")
    text += text * (int(field["shortest"]) // len(text))
    return text[: int(field["longest"])] if field["longest"] else text


def _number_for(field: Field) -> str:
    """Return a number in range that differs from the current value, if there is one."""
    low, step = _float(field["min"], 0.0), _float(field["step"], 1.0)
    high = _float(field["max"], low + 4 * step)
    low = min(low, high)
    texts = [f"{number:.10g}" for number in (low + 3 * step, low + step, low) if number <= high]
    return next((text for text in texts if text != field["value"]), texts[-1])


def _float(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default


def option_for(field: Field) -> str | None:
    """Return the option of a select to change to; None if there is no other."""
    others = [option for option in field["options"] if option and option != field["value"]]
    return others[0] if others else None


def file_for(field: Field) -> FilePayload:
    """Return a small file of a kind that the field accepts."""
    if "image" in field["accept"] or ".png" in field["accept"]:
        return {"name": "sample.png", "mimeType": "image/png", "buffer": PNG}
    if "json" in field["accept"]:
        return {"name": "sample.json", "mimeType": "application/json", "buffer": b'{"sample": 1}'}
    return {"name": "sample.csv", "mimeType": "text/csv", "buffer": b"name,value\nsample,1\n"}
