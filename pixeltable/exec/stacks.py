"""Where a function of the user's failed, as text to be kept with the cell.

A stack shows code and never the values of variables, which may be secrets. Most failures of an operation come from the same line:
their text is made once.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType

MAX_CHARACTERS = 8000
_CACHED = 256
_OWN = str(Path(__file__).parent.parent) + '/'

_Lines = tuple[tuple[CodeType, int], ...]

_known: dict[_Lines, str] = {}
_lock = threading.Lock()


def stack_of(exception: BaseException) -> str | None:
    """The frames of the user's code in which `exception` was raised, outermost first, and before them those of its cause.

    Frames of Pixeltable are left out; None if there is no other. Of a long stack, the innermost frames.
    """
    cause = exception.__cause__
    own = _frames(exception.__traceback__)
    if cause is None:
        return own
    before = _frames(cause.__traceback__) or ''
    joined = f'{before}{_title(cause)}\nwhich caused:\n{own or ""}'
    return joined[-MAX_CHARACTERS:]


def _title(exception: BaseException) -> str:
    return ''.join(traceback.format_exception_only(exception)).strip()[:500]


def _frames(found: TracebackType | None) -> str | None:
    lines = tuple(_users(found))
    if not lines:
        return None
    text = _known.get(lines)
    if text is None:
        summaries = [each for each in traceback.extract_tb(found) if not each.filename.startswith(_OWN)]
        text = ''.join(traceback.format_list(summaries))[-MAX_CHARACTERS:]
        with _lock:
            if len(_known) >= _CACHED:
                _known.clear()
            _known[lines] = text
    return text


def _users(found: TracebackType | None) -> Iterator[tuple[CodeType, int]]:
    while found is not None:
        code = found.tb_frame.f_code
        if not code.co_filename.startswith(_OWN):
            yield code, found.tb_lineno
        found = found.tb_next
