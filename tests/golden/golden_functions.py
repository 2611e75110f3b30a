"""The functions of golden homes, which are stored by name. A home names this module for good: nothing here may change."""

from __future__ import annotations

import numpy as np

import pixeltable as pxt


@pxt.udf
def shout(text: str) -> str:
    return text.upper() + '!'


@pxt.udf
def picky(pages: int) -> int:
    if pages % 7 == 3:
        raise ValueError(f'{pages} is not liked')
    return pages * pages


@pxt.udf
def vector(text: str) -> pxt.Array[(4,), pxt.Float]:
    counts = [text.count(letter) for letter in 'aeio']
    return np.array([1 + count for count in counts], dtype=np.float32)
