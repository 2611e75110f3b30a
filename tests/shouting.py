"""A function that tells what it was called for."""

from __future__ import annotations

import pixeltable as pxt

CALLS: list[str] = []


@pxt.udf
def shout(text: str | None) -> str | None:
    CALLS.append(text or '')
    return None if text is None else text.upper()
