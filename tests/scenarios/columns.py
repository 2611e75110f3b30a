"""Columns and indexes come, go, and are computed again."""

from __future__ import annotations

import numpy as np

import pixeltable as pxt
from scenarios.rows import Row, Updates


@pxt.udf
def tripled(n: int) -> int:
    return n * 3


@pxt.udf
def embedded(text: str) -> pxt.Array[(4,), pxt.Float]:
    return np.array([len(text), ord(text[0]), ord(text[-1]), 1], np.float32)


class Columns(Updates):
    """A computed column comes, and goes with the next operation."""

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 2:
            t.drop_column('extra')
        else:
            t.add_computed_column(extra=tripled(t.n))

    def after(self, number: int) -> list[Row]:
        rows = self.edited()
        return [row | {'extra': row['n'] * 3} for row in rows] if number % 2 else rows


class Recomputes(Updates):
    """A column is computed again, and what depends on it; the values are the same."""

    def do(self, number: int) -> None:
        pxt.get_table('t').recompute_columns('double' if number % 2 else 'loud')

    def after(self, number: int) -> list[Row]:
        return self.edited()


class Indexes(Updates):
    """An embedding index comes, and goes with the next operation."""

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 2:
            t.drop_embedding_index(column='text')
        else:
            t.add_embedding_index('text', embedding=embedded, precision='fp32')

    def after(self, number: int) -> list[Row]:
        rows = self.edited()
        if number % 2 == 0:
            return rows
        vectors = ([len(text), ord(text[0]), ord(text[-1]), 1] for text in (row['text'] for row in rows))
        return [row | {'text_embedding': vector} for row, vector in zip(rows, vectors, strict=True)]
