"""What keeps a table tidy, between changes of its rows."""

from __future__ import annotations

import pixeltable as pxt
from scenarios.rows import Inserts, Row, Updates


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
