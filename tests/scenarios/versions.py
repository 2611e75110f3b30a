"""Ways back, names for versions, and tables that come and go."""

from __future__ import annotations

from typing import Any

import pixeltable as pxt
from scenarios.rows import LARGE, Inserts, Row, Updates


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
