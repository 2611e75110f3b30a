"""What references say after their URL: of which part of the content they are, and how the content was known when they were made.

`clip.mp4#pts=1024` is a frame of a film, `photo.png#xywh=0,0,64,64` a part of a picture: so a table of frames holds positions,
and no pictures. Before that may stand a state, as in `photo.png#at=5120.1700000000`: so changed content is noticed. Paths have no
`#` of their own: it is `%23` in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_STATE = re.compile(r'#at=([0-9a-z.]+)')
_FRAME, _PART = '#pts=', '#xywh='


def frame_reference(film: str, pts: int) -> str:
    """The frame that is shown at `pts`, as the file counts time."""
    return f'{film}{_FRAME}{pts}'


def part_reference(picture: str, left: int, upper: int, width: int, height: int) -> str:
    """A rectangle of a picture."""
    return f'{picture}{_PART}{left},{upper},{width},{height}'


def as_frame(reference: str) -> tuple[str, int] | None:
    """The film and the time of a frame; None if the reference is none."""
    film, mark, pts = reference.rpartition(_FRAME)
    return (film, int(pts)) if mark and pts.lstrip('-').isdigit() else None


def film_order(references: Sequence[str | None]) -> list[int] | None:
    """The places of `references`, frames of one film after those of another and by their times; None if they stand so."""
    films: dict[str, int] = {}
    keys = []
    for reference in references:
        film, pts = as_frame(reference or '') or ('', 0)
        keys.append((films.setdefault(film, len(films)), pts))
    if all(before <= after for before, after in pairwise(keys)):
        return None
    return sorted(range(len(keys)), key=keys.__getitem__)


def as_part(reference: str) -> tuple[str, tuple[int, int, int, int]] | None:
    """The picture, and left, upper, right and lower edge of a part of it; None if the reference is none."""
    picture, mark, box = reference.rpartition(_PART)
    numbers = box.split(',')
    if not mark or len(numbers) != 4:
        return None
    x, y, w, h = map(int, numbers)
    return picture, (x, y, x + w, y + h)


def fragment(reference: str) -> str:
    """What says which part it is; empty for whole media."""
    for mark in (_FRAME, _PART):
        if mark in reference:
            return reference[reference.rindex(mark) :]
    return ''


def with_state(reference: str, state: str) -> str:
    """The reference to content that is known by `state`, of digits, lower-case letters and dots."""
    return f'{reference}#at={state}'


def state_of(reference: str) -> str | None:
    """How the content was known when the reference was made, if that is known."""
    found = _STATE.search(reference)
    return None if found is None else found[1]


def without_state(reference: str) -> str:
    """The URL of the content, and of which part of it."""
    return _STATE.sub('', reference) if '#at=' in reference else reference
