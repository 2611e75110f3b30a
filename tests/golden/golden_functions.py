"""The functions of golden homes, which are stored by name. A home names this module for good: nothing here may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

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


@pxt.udf
def weighted(values: pxt.Array[(2,), pxt.Float], weights: pxt.Array[(2,), pxt.Float], names: pxt.Json) -> pxt.Json:
    return {name: float(value * weight) for name, value, weight in zip(names['names'], values, weights, strict=True)}


@pxt.udf
def doubled(number: int) -> int:
    return 2 * number


@doubled.overload
def _(text: str) -> str:
    return 2 * text


@pxt.udf(is_deterministic=False)
async def nearly(number: float) -> float:
    return number


@pxt.udf(batch_size=2)
def lengths(texts: pxt.Batch[str]) -> pxt.Batch[int]:
    return [len(text) for text in texts]


if hasattr(pxt, 'iterator'):  # which came with format 4

    class Piece(TypedDict):
        piece: str

    @pxt.udf(is_deterministic=False)  # another release of the encoder may write other bytes
    def small(img: pxt.Image) -> pxt.Image:
        return img.resize((8, 6))

    @pxt.iterator
    def pieces(text: str, least: int = 0) -> Iterator[Piece]:
        for piece in text.split():
            if len(piece) >= least:
                yield {'piece': piece}
