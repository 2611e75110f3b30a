"""Where the time of an operation went, as `t.last_profile()` and `print_stats=True` show it. Measured by `exec.timings`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable.api.render.html import escape, text_table
from pixeltable.api.render.layout import aligned
from pixeltable.exec.operation import Operation

_HEADER = ('', 'calls', 'rows', 'in function', 'pool', 'retry', 'ledger', 'queue', 'own', 'rows/s')
_SECONDS = ('in_function', 'pool', 'retry', 'ledger', 'queue', 'own')


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """A function, or a piece of our own work. What runs at the same time counts as often as it runs.

    Attributes:
        name: of the function, with `()`, or of the work: read, decode, encode, sql, write, commit.
        calls: how often it was called; a batch is one call.
        rows: for how many rows.
        in_function: seconds in the function.
        pool: seconds of waiting for a turn in a resource pool.
        retry: seconds of waiting before another attempt.
        ledger: seconds of looking into the ledger, and of waiting for what others compute.
        queue: seconds between being ready and beginning.
        own: seconds of our own work.
    """

    name: str
    calls: int = 0
    rows: int = 0
    in_function: float = 0.0
    pool: float = 0.0
    retry: float = 0.0
    ledger: float = 0.0
    queue: float = 0.0
    own: float = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """One operation, entry by entry; prints as a table.

    Attributes:
        operation: what it was, such as `"insert into 'docs'"`.
        seconds: how long it took.
        entries: functions first, then our own work.
    """

    operation: str
    seconds: float
    entries: tuple[ProfileEntry, ...]

    @staticmethod
    def of(operation: Operation) -> Profile:
        found: dict[str, dict[str, Any]] = {}
        for (kind, name), timing in operation.timings.sums().items():
            label = name if kind == 'own' else f'{name}()'
            values = found.setdefault(label, {'name': label, 'calls': 0, 'rows': 0})
            values['in_function' if kind == 'function' else kind] = timing.seconds
            if kind in ('function', 'own'):
                values['calls'] += timing.calls
                values['rows'] += timing.rows
        entries = sorted((ProfileEntry(**values) for values in found.values()), key=lambda entry: entry.own > 0)
        return Profile(operation.title, operation.timings.seconds, tuple(entries))

    def __iter__(self) -> Iterator[ProfileEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        header, rows = self._table()
        return '\n'.join([self._title, *aligned(header, rows, width=200, right=range(1, len(header)))])

    def _repr_html_(self) -> str:
        return f'<p>{escape(self._title)}</p>{text_table(*self._table())}'

    @property
    def _title(self) -> str:
        return f'{self.operation}: {self.seconds:.3f} s'

    def _table(self) -> tuple[list[str], list[list[str]]]:
        """Header and rows, without columns in which there is nothing."""
        rows = self._rows()
        used = [index for index in range(len(_HEADER)) if index == 0 or any(row[index] for row in rows)]
        return [_HEADER[index] for index in used], [[row[index] for index in used] for row in rows]

    def _rows(self) -> Sequence[tuple[str, ...]]:
        return [
            (
                entry.name,
                f'{entry.calls:,}' if entry.calls else '',
                f'{entry.rows:,}' if entry.rows else '',
                *(_seconds(getattr(entry, name)) for name in _SECONDS),
                f'{entry.rows / self.seconds:,.0f}' if entry.rows and self.seconds else '',
            )
            for entry in self.entries
        ]


def _seconds(value: float) -> str:
    return f'{value:.3f} s' if value else ''
