"""Functions of golden homes whose code was other when the homes were made: `RATE` was 1 and `LEAST` was 5.

So a home holds cells that are stale, and errors that are gone since. A home names this module for good: nothing here may change.
"""

from __future__ import annotations

import pixeltable as pxt

RATE = 2
LEAST = 0


@pxt.udf
def priced(pages: int) -> int:
    return pages * RATE


@pxt.udf
def mended(pages: int) -> int:
    if pages < LEAST:
        raise LookupError(f'{pages} is too few')
    return pages + RATE
