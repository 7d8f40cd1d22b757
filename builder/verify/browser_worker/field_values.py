"""What a person might put into a field, by its type."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import FilePayload

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180d0cb13920000000049454e44ae426082"
)
"""A picture of one pixel."""

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

Field = Mapping[str, Any]


def text_for(field: Field) -> str:
    """Return a text that the field takes."""
    if field["type"] in {"number", "range"}:
        return _number_for(field)
    text = TEXTS.get(field["type"], "Sample text")
    if field["type"] in {"date", "month", "week", "time", "datetime-local"}:
        text = max(text, field["min"]) if field["min"] else text
        text = min(text, field["max"]) if field["max"] else text
    return text[: field["length"]] if field["length"] else text


def _number_for(field: Field) -> str:
    """Return a whole number in range that differs from what the field holds, where there is one."""
    low = _float(field["min"], 3.0)
    high = _float(field["max"], low + 4.0)
    for number in (low + _float(field["step"], 1.0), low, high):
        if low <= number <= high and f"{number:g}" != field["value"]:
            return f"{number:g}"
    return f"{low:g}"


def _float(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default


def option_for(field: Field) -> str | None:
    """Return the option of a select to change to; None where there is no other."""
    others = [option for option in field["options"] if option and option != field["value"]]
    return others[0] if others else None


def file_for(field: Field) -> FilePayload:
    """Return a small file of a kind that the field accepts."""
    if "image" in field["accept"] or ".png" in field["accept"]:
        return {"name": "sample.png", "mimeType": "image/png", "buffer": PNG}
    if "json" in field["accept"]:
        return {"name": "sample.json", "mimeType": "application/json", "buffer": b'{"sample": 1}'}
    return {"name": "sample.csv", "mimeType": "text/csv", "buffer": b"name,value\nsample,1\n"}
