"""Errors of too little memory, of the machine or of a graphics processor."""

from __future__ import annotations

import traceback


def is_memory(error: BaseException) -> bool:
    """Whether a call asked for more than there is."""
    return isinstance(error, MemoryError) or 'out of memory' in str(error)


def let_go(error: BaseException) -> None:
    """Clears the frames of the call that failed. They live as long as the error, and what they hold, such as tensors on a
    graphics processor, is just the memory that the next call needs."""
    found: BaseException | None = error
    while found is not None:
        traceback.clear_frames(found.__traceback__)
        found = found.__cause__ or found.__context__
