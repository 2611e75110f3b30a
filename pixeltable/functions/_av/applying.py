"""A film through filters into a new file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.filters import filtered
from pixeltable.functions._av.sources import pictures, sounds
from pixeltable.functions._av.writing import Film


def applied(
    path: str, vf: str, af: str | None = None, encoder: str | None = None, options: dict[str, Any] | None = None
) -> str:
    """The film with its pictures through `vf` and its sound through `af`; none with an empty `af`, unchanged with None."""
    track = None if af == '' else sounds(path)
    if track is not None and af:
        track = filtered(track, af, is_video=False)
    return written(path, filtered(pictures(path), vf), track, encoder, options)


def written(
    path: str,
    frames: Iterator[Any],
    track: Iterator[Any] | None,
    encoder: str | None,
    options: dict[str, Any] | None,
) -> str:
    """A film made of the one at `path`. Raises INVALID_DATA_FORMAT if that has no frames."""
    made = Film(encoder, options).write(frames, track)
    if made is None:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} has no frames.')
    return made
