"""What tests do to a home while it is killed, loses power or fails: rows of operations without end, and what is found after each.

Operation number `n` of a scenario takes the home from `after(n)` to `after(n + 1)`, or leaves it as it is. Used by processes that
get killed (`crash`), by the simulation of power losses, and with injected faults (`simulation`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import pixeltable as pxt
from pixeltable.storage import flush, segments

LARGE = 300
"""Rows that are not inlined in the catalog, with these limits."""

SMALL_LIMITS: list[tuple[Any, str, Any]] = [(segments, 'INLINE_BYTES', 2 << 10), (flush, 'MAX_INLINED', 2)]
"""What users of scenarios set, so that files and flushes come often."""

SETTINGS = {'verbosity': 0, 'show_progress': False, 'vacuum_grace_s': 0}

Row = dict[str, Any]


@pxt.udf
def shout(text: str) -> str:
    if text.endswith('17'):
        raise ValueError(f'{text} is unlucky')
    return text.upper()


@pxt.udf
def tripled(n: int) -> int:
    return n * 3


@pxt.udf
def embedded(text: str) -> pxt.Array[(4,), pxt.Float]:
    return np.array([len(text), ord(text[0]), ord(text[-1]), 1], np.float32)


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
        t.update({'n': t.n + number, 'text': f'edit {number}'}, where=where)

    def after(self, number: int) -> list[Row]:
        return self.edited(*range(number))

    def edited(self, *numbers: int) -> list[Row]:
        """The rows after these updates."""
        rows = self.rows(self.batches)
        for number in numbers:
            for row in rows:
                if row['place'] == 5 if number % 2 == 0 else row['place'] % 3 == number % 3:
                    row |= {'n': row['n'] + number, 'text': f'edit {number}'}
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


class Flushes(Inserts):
    """Three small inserts, then a flush."""

    sizes = (1, 2)

    def do(self, number: int) -> None:
        if number % 4 < 3:
            self.insert(number // 4 * 3 + number % 4)
        else:
            self.tidy(pxt.get_table('t'))

    def after(self, number: int) -> list[Row]:
        return super().after(number // 4 * 3 + number % 4)

    def tidy(self, t: pxt.Table) -> None:
        t._session.flush(t._table_id)


class Compactions(Flushes):
    """Inserts of all sizes, then what brings their segments together."""

    sizes = Inserts.sizes

    def tidy(self, t: pxt.Table) -> None:
        t.optimize()


class Vacuums(Updates):
    """An update, a compaction, and the removal of all that only older versions need."""

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 3 == 0:
            super().do(number // 3)
        elif number % 3 == 1:
            t.optimize()
        else:
            t.vacuum(retain=1)

    def after(self, number: int) -> list[Row]:
        return super().after((number + 2) // 3)


class Purges(Updates):
    """An update, and the removal of two rows from all versions."""

    def do(self, number: int) -> None:
        if number % 2 == 0:
            super().do(number // 2)
        else:
            t = pxt.get_table('t')
            t.purge(where=t.place == 10 + number // 2)

    def after(self, number: int) -> list[Row]:
        rows = super().after((number + 1) // 2)
        return [row for row in rows if not 10 <= row['place'] < 10 + number // 2]


class Restores(Updates):
    """An update, and the way back to a snapshot."""

    def prepare(self) -> None:
        super().prepare()
        pxt.snapshot('t', name='start')

    def do(self, number: int) -> None:
        if number % 2:
            pxt.restore('t', snapshot='start')
        else:
            super().do(1)

    def after(self, number: int) -> list[Row]:
        return self.edited(*[1] * (number % 2))


class Reverts(Inserts):
    """An insert that is undone."""

    sizes = (LARGE,)

    def do(self, number: int) -> None:
        if number % 2:
            pxt.get_table('t').revert()
        else:
            self.insert(0)

    def after(self, number: int) -> list[Row]:
        return super().after(number % 2)


class Snapshots(Inserts):
    """Snapshots come and go."""

    def prepare(self) -> None:
        super().prepare()
        self.insert(0)

    def do(self, number: int) -> None:
        if number % 2:
            pxt.drop_snapshot('t', 's')
        else:
            pxt.snapshot('t', name='s')

    def after(self, number: int) -> Any:
        return super().after(1), ['s'] * (number % 2)

    def found(self) -> Any:
        return super().found(), [each['name'] for each in pxt.list_snapshots('t')]


class Tables(Inserts):
    """A table comes, gets rows, goes, and comes back with them."""

    def do(self, number: int) -> None:
        if number == 0:
            pxt.create_table('u', {'a': pxt.Int})
        elif number == 1:
            pxt.get_table('u').insert([{'a': a} for a in range(LARGE)])
        elif number % 2 == 0:
            pxt.drop_table('u')
        else:
            pxt.restore('u')

    def after(self, number: int) -> Any:
        is_there = number == 1 or (number % 2 == 0 and number > 0)
        return list(range(LARGE if number > 1 else 0)) if is_there else None

    def found(self) -> Any:
        u = pxt.get_table('u', if_not_exists='ignore')
        return None if u is None else u.order_by(u.a).collect()['a']


SCENARIOS: dict[str, Inserts] = {
    'insert': Inserts(),
    'update': Updates(),
    'delete': Deletes(),
    'add_column': Columns(),
    'recompute': Recomputes(),
    'add_index': Indexes(),
    'flush': Flushes(),
    'compaction': Compactions(),
    'vacuum': Vacuums(),
    'purge': Purges(),
    'restore': Restores(),
    'revert': Reverts(),
    'snapshot': Snapshots(),
    'table': Tables(),
}


OPERATIONS: dict[str, tuple[Inserts, int]] = {
    'insert small': (SCENARIOS['insert'], 0),
    'insert large': (SCENARIOS['insert'], 1),
    'update small': (SCENARIOS['update'], 0),
    'update large': (SCENARIOS['update'], 1),
    'delete': (SCENARIOS['delete'], 1),
    'add column': (SCENARIOS['add_column'], 0),
    'drop column': (SCENARIOS['add_column'], 1),
    'recompute': (SCENARIOS['recompute'], 0),
    'add index': (SCENARIOS['add_index'], 0),
    'drop index': (SCENARIOS['add_index'], 1),
    'flush': (SCENARIOS['flush'], 3),
    'compaction': (SCENARIOS['compaction'], 3),
    'vacuum': (SCENARIOS['vacuum'], 2),
    'purge': (SCENARIOS['purge'], 1),
    'restore': (SCENARIOS['restore'], 1),
    'revert': (SCENARIOS['revert'], 1),
    'snapshot': (SCENARIOS['snapshot'], 0),
    'create table': (SCENARIOS['table'], 0),
    'drop table': (SCENARIOS['table'], 2),
    'restore table': (SCENARIOS['table'], 3),
}
"""By name, one operation: number `n` of a scenario."""


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


def quiet() -> None:
    """Cells fail here on purpose."""
    warnings.filterwarnings('ignore', category=pxt.PixeltableWarning)


def state(scenario: Inserts, acknowledged: int, *, may_be_next: bool) -> int:
    """How many operations the home has seen: all acknowledged ones, and at most the next. AssertionError for anything else."""
    found = scenario.found()
    for number in range(acknowledged, acknowledged + 1 + may_be_next):
        if found == scenario.after(number):
            return number
    what = '; '.join(_differences(found, scenario.after(acknowledged)))
    raise AssertionError(f'after {acknowledged} acknowledged operations: {what}')


def _differences(found: Any, expected: Any) -> Iterator[str]:
    if not (isinstance(found, list) and isinstance(expected, list)):
        yield f'{str(found)[:500]} instead of {str(expected)[:500]}'
        return
    yield f'{len(found)} rows, expected {len(expected)}'
    for have, want in zip(found, expected, strict=False):
        if have != want:
            yield f'{have} instead of {want}'
            return
