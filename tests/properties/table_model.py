"""A table as plain Python: what the real one must agree with after every step.

Columns have keys that last, as names change. A computed cell that failed is a `Failed`. Nothing here is incremental but what
the library promises to be: which cells an operation computes, and when.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pixeltable as pxt


@dataclass(frozen=True)
class Failed:
    errortype: str


@pxt.udf
def picky(n: int) -> int:
    import os

    if n % 3 == int(os.environ['PICKY']):
        raise ValueError(f'{n} is refused')
    return n * 7


@pxt.udf
def louder(text: str) -> str:
    return text.upper() + '!'


def refuses(n: int) -> bool:
    return n % 3 == int(os.environ['PICKY'])


@dataclass(frozen=True)
class Kind:
    """A way to compute a column from one or two others: the expression, and the same in Python."""

    inputs: tuple[str, ...]
    output: str
    expression: Callable[..., Any]
    value: Callable[..., Any]


KINDS: dict[str, Kind] = {
    'plus': Kind(('int', 'int'), 'int', lambda a, b: a + b, lambda a, b: a + b),
    'minus': Kind(('int',), 'int', lambda a: 5 - a, lambda a: 5 - a),
    'picky': Kind(('int',), 'int', lambda a: picky(a), lambda a: Failed('ValueError') if refuses(a) else a * 7),
    'picky inside': Kind(
        ('int',),
        'int',
        lambda a: picky(a + 1) - 1,
        lambda a: Failed('ValueError') if refuses(a + 1) else (a + 1) * 7 - 1,
    ),
    'joined': Kind(('text', 'text'), 'text', lambda a, b: a + b, lambda a, b: a + b),
    'louder': Kind(('text',), 'text', lambda a: louder(a), lambda a: a.upper() + '!'),
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    kind: str | None = None
    inputs: tuple[int, ...] = ()

    def compute(self, row: dict[int, Any]) -> Any:
        assert self.kind is not None
        values = [row[key] for key in self.inputs]
        if any(isinstance(value, Failed) for value in values):
            return Failed('InputError')
        return None if None in values else KINDS[self.kind].value(*values)


@dataclass
class State:
    """One version of the table."""

    columns: dict[int, Column] = field(default_factory=dict)
    rows: dict[int, dict[int, Any]] = field(default_factory=dict)

    def names(self) -> list[str]:
        return [column.name for column in self.columns.values()]

    def plain(self, type_: str | None = None) -> list[int]:
        return [key for key, c in self.columns.items() if c.kind is None and type_ in (None, c.type)]

    def computed(self) -> list[int]:
        return [key for key, c in self.columns.items() if c.kind is not None]

    def of_type(self, type_: str) -> list[int]:
        return [key for key, c in self.columns.items() if c.type == type_]

    def readers(self, key: int) -> list[int]:
        return [other for other, c in self.columns.items() if key in c.inputs]

    def affected(self, keys: Iterable[int]) -> list[int]:
        """What is computed from `keys`, directly or not. Keys grow, so their order is one to compute in."""
        stale = set(keys)
        for key in sorted(self.columns):
            if stale & set(self.columns[key].inputs):
                stale.add(key)
        return sorted(stale - set(keys))

    def compute(self, row_ids: Iterable[int], keys: Iterable[int]) -> int:
        """Computes cells anew; returns how many failed."""
        failed = 0
        ordered = sorted(keys)
        for row_id in row_ids:
            row = self.rows[row_id]
            for key in ordered:
                row[key] = self.columns[key].compute(row)
                failed += isinstance(row[key], Failed)
        return failed

    def shown(self) -> dict[int, dict[str, Any]]:
        """The rows as a query sees them, by id, with the error types of computed columns."""
        result = {}
        for row_id, row in self.rows.items():
            shown: dict[str, Any] = {}
            for key, column in self.columns.items():
                value = row[key]
                shown[column.name] = None if isinstance(value, Failed) else value
                if column.kind is not None:
                    shown[f'{column.name}_errortype'] = value.errortype if isinstance(value, Failed) else None
            result[row_id] = shown
        return result


class Model:
    """All versions of a table, the last of which is the current state."""

    def __init__(self, columns: dict[int, Column]) -> None:
        self.versions = [State(columns)]
        self.snapshots: dict[str, int] = {}
        self.next_key = max(columns) + 1

    @property
    def now(self) -> State:
        return self.versions[-1]

    def begin(self) -> State:
        """A copy of the current state, which becomes the next version by `done`."""
        return copy.deepcopy(self.now)

    def done(self, state: State) -> None:
        self.versions.append(state)

    def new_key(self) -> int:
        self.next_key += 1
        return self.next_key - 1
