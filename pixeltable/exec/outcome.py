"""What a change did, counted: the source of statuses, of the history, and of the one warning that sums up failed cells."""

from __future__ import annotations

import logging
import time
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.changes import Committed
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import PixeltableWarning
from pixeltable.exec.compute import Errors
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.vectors import INPUT_ERROR, CellError
from pixeltable.exprs.bind import field_name

log = logging.getLogger('pixeltable')

LOGGED_ERRORS = 100
"""So many failed cells of a column are logged; the cells themselves say what failed, however many they are."""


@dataclass
class Outcome:
    """Counts of one operation. `failed` counts error cells by column name, `examples` keeps one error of each column. Both also
    have those of `iterators`, by their names, which failed for rows of the base.

    `row_ids` are those of the rows that were updated; the inserted ones count up from `first_ids`. `left_out` says of columns
    that would have been computed why they cannot be. `views` has, for each view of the table, its path and what was done in it.
    """

    operation: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    computed: int = 0
    columns: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    examples: dict[str, CellError] = field(default_factory=dict)
    iterators: set[str] = field(default_factory=set)
    fingerprints: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    commit: int | None = None
    job: int | None = None
    row_ids: list[NDArray[np.int64]] = field(default_factory=list)
    first_ids: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    left_out: list[str] = field(default_factory=list)
    views: list[tuple[str, Outcome]] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def count(self, columns: list[ComputedColumn], rows: int, errors: Errors) -> None:
        """Adds the cells that were computed for `rows` rows."""
        self.computed += rows * len(columns)
        for column in columns:
            self.fingerprints[column.record.name] = column.fingerprint
            self._count_errors(column.record.name, errors.get(column.field) or {})

    def count_media(self, columns: Sequence[ColumnRecord], errors: Errors) -> None:
        """Adds the cells of media that could not be read."""
        for column in columns:
            self._count_errors(column.name, errors.get(field_name(column.id)) or {})

    def _count_errors(self, column: str, cells: Mapping[int, CellError]) -> None:
        if not cells:
            return
        room = LOGGED_ERRORS - self.failed[column]
        self.failed[column] += len(cells)
        for number, (row, error) in enumerate(cells.items()):
            if number < room:
                log.warning('column %r, row %d: %s: %s', column, row, error.errortype, error.errormsg)
            if error.errortype != INPUT_ERROR or column not in self.examples:
                self.examples.setdefault(column, error)

    def touch(self, columns: Sequence[ColumnRecord]) -> None:
        """Notes that the operation gives new values to `columns`."""
        self.columns = list(dict.fromkeys([*self.columns, *(column.name for column in columns)]))

    def add(self, other: Outcome) -> None:
        """Counts what `other` counted."""
        self.inserted += other.inserted
        self.computed += other.computed
        self.failed += other.failed
        self.examples = other.examples | self.examples
        self.iterators |= other.iterators
        self.fingerprints |= other.fingerprints

    def committed(self, committed: Committed, table_id: str) -> None:
        """Notes what came of it."""
        self.commit, self.job = committed.commit, committed.job
        self.version = committed.versions.get(table_id)

    @property
    def errors(self) -> int:
        return self.failed.total() if self.failed else 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    @property
    def facts(self) -> dict[str, int]:
        """What was done, for the log and for spans."""
        rows = self.inserted + self.updated + self.deleted
        return {'rows': rows, 'computed': self.computed, 'errors': self.errors}

    def summary(self) -> dict[str, Any]:
        """What the history keeps."""
        summary: dict[str, Any] = {
            'inserts': self.inserted,
            'updates': self.updated,
            'deletes': self.deleted,
            'computed': self.computed,
            'errors': self.errors,
            'seconds': round(self.seconds, 6),
        }
        if self.fingerprints:
            summary['fingerprints'] = self.fingerprints
        return {key: value for key, value in summary.items() if value}

    def warn(self) -> None:
        """One warning for all cells that failed, and one for all columns that were left out."""
        if self.left_out:
            what = f'{self.operation}: what cannot be computed was left as it is:'
            warnings.warn('\n  '.join([what, *self.left_out]), PixeltableWarning, stacklevel=4)
        outcomes = [self, *(each for _, each in self.views)]
        if not any(each.failed for each in outcomes):
            return
        lines = self._failures() + [line for path, each in self.views for line in each._failures(f'{path}.')]
        rows = sum(each.failed[name] for each in outcomes for name in each.iterators)
        count = sum(each.errors for each in outcomes) - rows
        said: list[str] = []
        if count:
            failed = '1 cell failed and is' if count == 1 else f'{count} cells failed and are'
            again = 'and recompute_columns(..., errors_only=True) to try again.'
            said.append(f'{failed} NULL; see errortype and errormsg of the column, {again}')
        if rows:
            failed = '1 row' if rows == 1 else f'{rows} rows'
            said.append(f'iterators failed for {failed} of the base, of which there are none in the view.')
        warnings.warn(f'{self.operation}: {" ".join(said)}\n' + '\n'.join(lines), PixeltableWarning, stacklevel=4)

    def _failures(self, prefix: str = '') -> list[str]:
        """A line for each column in which cells failed."""
        return [
            f'  {prefix}{name}: {count} of them, such as {self.examples[name].errortype}: {self.examples[name].errormsg}'
            for name, count in self.failed.items()
        ]
