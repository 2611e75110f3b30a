"""What an operation did, as its caller sees it. The counting is `exec.outcome`'s; these are the numbers, frozen."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import Any

from pixeltable.exec.outcome import Outcome

_VERBS = {
    'insert': 'Inserted',
    'update': 'Updated',
    'batch_update': 'Updated',
    'upsert': 'Upserted',
    'delete': 'Deleted',
    'recompute': 'Recomputed',
    'add column': 'Added',
    'alter column': 'Recomputed',
}


@dataclass(frozen=True, slots=True)
class RowCountStats:
    """Rows inserted, deleted and updated, cells computed, and how many of these failed."""

    ins_rows: int = 0
    del_rows: int = 0
    upd_rows: int = 0
    num_excs: int = 0
    computed_values: int = 0

    @property
    def num_rows(self) -> int:
        return self.ins_rows + self.del_rows + self.upd_rows

    @staticmethod
    def of(outcome: Outcome) -> RowCountStats:
        return RowCountStats(outcome.inserted, outcome.deleted, outcome.updated, outcome.errors, outcome.computed)

    def __add__(self, other: RowCountStats) -> RowCountStats:
        return RowCountStats(
            self.ins_rows + other.ins_rows,
            self.del_rows + other.del_rows,
            self.upd_rows + other.upd_rows,
            self.num_excs + other.num_excs,
            self.computed_values + other.computed_values,
        )


_NOTHING = RowCountStats()


@dataclass(frozen=True, slots=True, repr=False)
class UpdateStatus:
    """The result of an operation that changes a table. `a + b` is that of both.

    Attributes:
        updated_cols: columns with new values, as `'table.column'`; empty after an insert, which writes them all.
        cols_with_excs: columns in which cells failed, in the same form.
        rows: the rows as dicts, if `return_rows` asked for them.
        row_count_stats: counts for the table itself.
        cascade_row_count_stats: counts for tables derived from it.
        operation: such as `'insert'`.
        seconds: how long it took.
    """

    updated_cols: list[str] = field(default_factory=list)
    cols_with_excs: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] | None = field(default=None, compare=False)
    row_count_stats: RowCountStats = _NOTHING
    cascade_row_count_stats: RowCountStats = _NOTHING
    operation: str = ''
    seconds: float = field(default=0.0, compare=False)

    @staticmethod
    def of(outcome: Outcome, path: str, rows: list[dict[str, Any]] | None = None) -> UpdateStatus:
        """What `outcome` says of the table at `path`, and of its views."""
        each_table = [(path, outcome), *outcome.views]
        in_views = _NOTHING
        for _, each in outcome.views:
            in_views += RowCountStats.of(each)
        return UpdateStatus(
            updated_cols=[f'{_name(table)}.{column}' for table, each in each_table for column in each.columns],
            cols_with_excs=[f'{_name(table)}.{column}' for table, each in each_table for column in each.failed],
            rows=rows,
            row_count_stats=RowCountStats.of(outcome),
            cascade_row_count_stats=in_views,
            operation=outcome.operation,
            seconds=outcome.seconds,
        )

    @property
    def num_rows(self) -> int:
        """Rows inserted, updated or deleted, in the table and in those derived from it."""
        return self._total.num_rows

    @property
    def num_excs(self) -> int:
        """Cells that failed and are NULL."""
        return self._total.num_excs

    @property
    def num_computed_values(self) -> int:
        """Cells computed, failed ones included."""
        return self._total.computed_values

    @property
    def pxt_rows_updated(self) -> int:
        """Rows updated, in the table and in those derived from it."""
        return self._total.upd_rows

    @property
    def _total(self) -> RowCountStats:
        return self.row_count_stats + self.cascade_row_count_stats

    def __add__(self, other: UpdateStatus) -> UpdateStatus:
        operations = dict.fromkeys(each for each in (self.operation, other.operation) if each)
        return UpdateStatus(
            updated_cols=list(dict.fromkeys(self.updated_cols + other.updated_cols)),
            cols_with_excs=list(dict.fromkeys(self.cols_with_excs + other.cols_with_excs)),
            rows=None if self.rows is None and other.rows is None else (self.rows or []) + (other.rows or []),
            row_count_stats=self.row_count_stats + other.row_count_stats,
            cascade_row_count_stats=self.cascade_row_count_stats + other.cascade_row_count_stats,
            operation=', '.join(operations),
            seconds=self.seconds + other.seconds,
        )

    @property
    def message(self) -> str:
        """One line for people, such as `Inserted 3 rows with 1 error in 0.02 s (150 rows/s)`."""
        is_column = self.operation == 'add column'
        count = self.num_computed_values if is_column else self.row_count_stats.num_rows
        what = _counted(count, 'column value' if is_column else 'row')
        speed = f' ({count / self.seconds:,.0f}{"" if is_column else " rows"}/s)' if self.seconds > 0 and count else ''
        verb = _VERBS.get(self.operation, self.operation)
        return f'{verb} {what} with {_counted(self.num_excs, "error")} in {self.seconds:.2f} s{speed}'

    def insert_msg(self, start_ts: float | None = None) -> str:
        """`message`; `start_ts` is a `time.monotonic()` to measure from instead."""
        if start_ts is None:
            return self.message
        return dataclasses.replace(self, seconds=time.monotonic() - start_ts).message

    def __repr__(self) -> str:
        parts = [] if self.operation == 'add column' else [_counted(self.num_rows, 'row')]
        if self.num_computed_values:
            parts.append(_counted(self.num_computed_values, 'computed cell'))
        if self.num_excs:
            parts.append(_counted(self.num_excs, 'error'))
        return f'{self.operation or "nothing"}: {", ".join(parts) or "no cells"}'


def _counted(count: int, noun: str) -> str:
    return f'{count} {noun}{"" if count == 1 else "s"}'


def _name(path: str) -> str:
    return path.rpartition('/')[2]
