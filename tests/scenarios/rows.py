"""Rows come, change and go."""

from __future__ import annotations

from typing import Any

import pixeltable as pxt

LARGE = 300
"""Rows that are not inlined in the catalog, with these limits."""

Row = dict[str, Any]


@pxt.udf
def shout(text: str) -> str:
    if text.endswith('17'):
        raise ValueError(f'{text} is unlucky')
    return text.upper()


class Inserts:
    """Inserts of one row, of many and of a few."""

    sizes = (1, LARGE, 3)

    def prepare(self) -> None:
        t = pxt.create_table('t', {'batch': pxt.Int, 'place': pxt.Int, 'n': pxt.Int, 'text': pxt.String})
        t.add_computed_column(double=t.n * 2)
        t.add_computed_column(loud=shout(t.text))
        t.add_computed_column(both=t.double + 1)

    def do(self, number: int) -> None:
        self.insert(number)

    def after(self, number: int) -> Any:
        return [_derived(row) for row in self.rows(number)]

    def found(self) -> Any:
        """What a new reader finds: the rows in the order of their ids."""
        return _rows()

    def insert(self, number: int) -> None:
        pxt.get_table('t').insert(self.batch(number))

    def batch(self, number: int) -> list[Row]:
        return [
            {
                'batch': number,
                'place': place,
                'n': number * 10 + place,
                'text': f'row {number}.{place} ' + 'x' * 50 + str(place),
            }
            for place in range(self.sizes[number % len(self.sizes)])
        ]

    def rows(self, batches: int) -> list[Row]:
        return [row for number in range(batches) for row in self.batch(number)]


class Updates(Inserts):
    """Updates of one row, and of a third of all, which lie in small and large segments."""

    batches = 4

    def prepare(self) -> None:
        super().prepare()
        for number in range(self.batches):
            self.insert(number)

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        where = t.place == 5 if number % 2 == 0 else t.place % 3 == number % 3
        t.update({'n': t.n + number, 'text': f'edit {number}.'}, where=where)

    def after(self, number: int) -> list[Row]:
        return self.edited(*range(number))

    def edited(self, *numbers: int) -> list[Row]:
        """The rows after these updates."""
        rows = self.rows(self.batches)
        for number in numbers:
            for row in rows:
                if row['place'] == 5 if number % 2 == 0 else row['place'] % 3 == number % 3:
                    row |= {'n': row['n'] + number, 'text': f'edit {number}.'}
        return [_derived(row) for row in rows]


class Deletes(Inserts):
    """Inserts, each followed by a deletion of a part of what is there."""

    sizes = (LARGE, 3)

    def do(self, number: int) -> None:
        if number % 2 == 0:
            self.insert(number // 2)
        else:
            t = pxt.get_table('t')
            t.delete(where=t.place % 4 == number // 2 % 4)

    def after(self, number: int) -> list[Row]:
        rows: list[Row] = []
        for step in range(number):
            if step % 2 == 0:
                rows += self.batch(step // 2)
            else:
                rows = [row for row in rows if row['place'] % 4 != step // 2 % 4]
        return [_derived(row) for row in rows]


def _derived(row: Row) -> Row:
    fails = row['text'].endswith('17')
    loud = None if fails else row['text'].upper()
    return row | {
        'double': row['n'] * 2,
        'loud': loud,
        'both': row['n'] * 2 + 1,
        'error': 'ValueError' if fails else None,
    }


def _rows() -> list[Row]:
    t = pxt.get_table('t')
    parts = {name: t[name] for name in t.columns()}
    rows = list(t.order_by(t.id).select(row_id=t.id, error=t.loud.errortype, **parts).collect())
    ids = [row.pop('row_id') for row in rows]
    assert len(set(ids)) == len(ids), 'row ids are not unique'
    assert t.count() == len(rows), f'count() is {t.count()}, and there are {len(rows)} rows'
    for row in rows:
        if 'text_embedding' in row:
            row['text_embedding'] = row['text_embedding'].tolist()
    return rows
