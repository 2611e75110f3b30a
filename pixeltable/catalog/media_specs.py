"""How the media of a column are checked and stored, as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaSpec:
    """What was said of a column of media; what was not is as the table, or the type, has it.

    `validation` says when content is looked at. What is stored goes to the data root `destination`: a URL, or a variable
    for one, see `config.variables`. Pictures are written in `format`, with `quality`; by default without loss. With `pin`, what
    is referenced is copied to the store.
    """

    validation: str | None = None
    destination: str | None = None
    format: str | None = None
    quality: int | None = None
    pin: bool | None = None


AS_USUAL = MediaSpec()
