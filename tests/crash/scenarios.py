"""What the processes do that get killed: endless rows of operations, each with the state of the table that follows it.

Runs inside the worker, not inside pytest. Operation number `n` of a scenario takes the table from `after(n)` to
`after(n + 1)`; whoever reopens the home must find one of the two, according to what was acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import pixeltable as pxt

LARGE = 400
"""Rows that are not inlined in the catalog, as the worker sets it."""

Row = dict[str, Any]


@pxt.udf
def shout(text: str) -> str:
    if text.endswith('7'):
        raise ValueError(f'{text} is unlucky')
    return text.upper()


@pxt.udf
def tripled(n: int) -> int:
    return n * 3


@pxt.udf
def embedded(text: str) -> pxt.Array[(4,), pxt.Float]:
    return np.array([len(text), ord(text[0]), ord(text[-1]), 1], np.float32)


class Inserts:
    """Inserts of one row, of a few and of many."""

    sizes = (1, LARGE, 3)

    def prepare(self) -> None:
        t = pxt.create_table('t', {'batch': pxt.Int, 'place': pxt.Int, 'n': pxt.Int, 'text': pxt.String})
        t.add_computed_column(double=t.n * 2)
        t.add_computed_column(loud=shout(t.text))
        t.add_computed_column(both=t.double + 1)

    def do(self, number: int) -> None:
        pxt.get_table('t').insert(self.batch(number))

    def batch(self, number: int) -> list[Row]:
        size = self.sizes[number % len(self.sizes)]
        return [
            {
                'batch': number,
                'place': place,
                'n': number * 10 + place,
                'text': f'row {number}.{place} ' + 'x' * 50 + str(place),
            }
            for place in range(size)
        ]

    def after(self, number: int) -> list[Row]:
        return [_derived(row) for batch in range(number) for row in self.batch(batch)]


class Updates(Inserts):
    """Updates that cross small and large segments; each changes a third of the rows."""

    batches = 4

    def prepare(self) -> None:
        super().prepare()
        for number in range(self.batches):
            super().do(number)

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        t.update({'n': t.n + number, 'text': f'edit {number}'}, where=t.place % 3 == number % 3)

    def after(self, number: int) -> list[Row]:
        rows = [row for batch in range(self.batches) for row in self.batch(batch)]
        for step in range(number):
            for row in rows:
                if row['place'] % 3 == step % 3:
                    row |= {'n': row['n'] + step, 'text': f'edit {step}'}
        return [_derived(row) for row in rows]


class Columns(Updates):
    """A computed column comes, and goes with the next operation."""

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 2:
            t.drop_column('extra')
        else:
            t.add_computed_column(extra=tripled(t.n))

    def after(self, number: int) -> list[Row]:
        rows = super().after(0)
        return [row | {'extra': row['n'] * 3} for row in rows] if number % 2 else rows


class Indexes(Updates):
    """An embedding index comes, and goes with the next operation."""

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 2:
            t.drop_embedding_index(column='text')
        else:
            t.add_embedding_index('text', embedding=embedded, precision='fp32')

    def after(self, number: int) -> list[Row]:
        rows = super().after(0)
        if number % 2 == 0:
            return rows
        vectors = ([len(text), ord(text[0]), ord(text[-1]), 1] for text in (row['text'] for row in rows))
        return [row | {'text_embedding': vector} for row, vector in zip(rows, vectors, strict=True)]


class Flushes(Inserts):
    """Small inserts, and a flush each time a few of them have gathered."""

    sizes = (1, 2)

    def do(self, number: int) -> None:
        super().do(number)
        t = pxt.get_table('t')
        t._session.flush(t._table_id)


SCENARIOS: dict[str, Inserts] = {
    'insert': Inserts(),
    'update': Updates(),
    'add_column': Columns(),
    'add_index': Indexes(),
    'flush': Flushes(),
}


def _derived(row: Row) -> Row:
    fails = row['text'].endswith('7')
    loud = None if fails else row['text'].upper()
    return row | {
        'double': row['n'] * 2,
        'loud': loud,
        'both': row['n'] * 2 + 1,
        'error': 'ValueError' if fails else None,
    }


def found() -> tuple[list[int], list[Row]]:
    """The ids and the rows of the table as a new reader sees them, in the order of the ids."""
    t = pxt.get_table('t')
    names = t.columns()
    parts = {name: t[name] for name in names}
    result = t.order_by(t.id).select(row_id=t.id, error=t.loud.errortype, **parts).collect()
    rows = list(result)
    ids = [row.pop('row_id') for row in rows]
    for row in rows:
        if 'text_embedding' in row:
            row['text_embedding'] = row['text_embedding'].tolist()
    return ids, rows


def recovered(scenario: Inserts, acknowledged: int) -> str:
    """`state n` if the table is whole and holds all that was acknowledged; else what is wrong with it."""
    ids, rows = found()
    if len(set(ids)) != len(ids):
        return 'wrong: row ids are not unique'
    t = pxt.get_table('t')
    if t.count() != len(rows):
        return f'wrong: count() is {t.count()}, and there are {len(rows)} rows'
    for number in (acknowledged, acknowledged + 1):
        if rows == scenario.after(number):
            return f'state {number}'
    return f'wrong: after {acknowledged} acknowledged operations: {"; ".join(_differences(rows, scenario.after(acknowledged)))}'


def _differences(rows: list[Row], expected: list[Row]) -> Iterator[str]:
    yield f'{len(rows)} rows, expected {len(expected)}'
    for have, want in zip(rows, expected, strict=False):
        if have != want:
            yield f'{have} instead of {want}'
            return
