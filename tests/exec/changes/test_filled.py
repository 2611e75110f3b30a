"""A column that is added while others write: no function is called twice for a row with the same inputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.changes import backfill
from pixeltable.exec.changes.filled import Filled

ROWS = 40


@pytest.fixture
def t(home: Path) -> pxt.Table:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
    for start in range(0, ROWS, 10):
        t.insert({'k': k, 's': 'x'} for k in range(start, start + 10))
    return t


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs what is given after the column was computed, and before it is committed: one operation after each attempt."""

    def run(*operations: Callable[[], Any]) -> None:
        files, left = Filled.files, list(operations)

        def files_and_more(self: Filled, *arguments: Any) -> Any:
            found = files(self, *arguments)
            if left:
                left.pop(0)()
            return found

        monkeypatch.setattr(Filled, 'files', files_and_more)

    return run


def add(t: pxt.Table, calls) -> list[int]:
    """Adds a column, and says for which values of `k` it was computed."""
    path = calls.path

    @pxt.udf
    def slow(k: int) -> int:
        with open(path, 'a') as file:
            file.write(f'{k}\n')
        if k % 10 == 3:
            raise ValueError('three')
        return k * 2

    with pytest.warns(pxt.PixeltableWarning, match='failed'):
        t.add_computed_column(c=slow(t.k))
    found = t.select(t.k, t.c, error=t.c.errormsg).collect()
    assert found['c'] == [None if k % 10 == 3 else k * 2 for k in found['k']]
    assert found['error'] == ['three' if k % 10 == 3 else None for k in found['k']]
    assert pxt.verify(sample=0).ok
    return sorted(map(int, calls.take()))


ALL = list(range(ROWS))
OPERATIONS: dict[str, tuple[Callable[[pxt.Table], Any], list[int]]] = {
    'a compaction': (lambda t: t.optimize(), []),
    'another column': (lambda t: t.add_columns({'z': pxt.Int | None}), []),
    'another computed column': (lambda t: t.add_computed_column(z=t.k + 1), []),
    'a new name': (lambda t: t.rename_column('s', 'ss'), []),
    'an update of another column': (lambda t: t.update({'s': 'z'}, where=t.k < 15), []),
    'an update of the input': (lambda t: t.update({'k': 100}, where=t.k == 3), [100]),
    'a delete': (lambda t: t.delete(where=t.k == 15), []),
    'an insert': (lambda t: t.insert(k=100, s='x'), [100]),
    'an insert and a compaction': (lambda t: (t.insert(k=100, s='x'), t.delete(where=t.k == 5), t.optimize()), [100]),
}


@pytest.mark.parametrize('name', OPERATIONS)
def test_only_what_is_new_is_computed(t, calls, meanwhile, name: str) -> None:
    operation, new = OPERATIONS[name]
    meanwhile(lambda: operation(t))
    assert add(t, calls) == [*ALL, *new]


def test_several_times_in_a_row(t, calls, meanwhile) -> None:
    meanwhile(t.optimize, lambda: t.add_columns({'z': pxt.Int | None}), lambda: t.insert(k=100, s='x'), t.optimize)
    assert add(t, calls) == [*ALL, 100]


def test_rows_that_come_back_are_computed(t, calls, meanwhile) -> None:
    t.delete(where=t.k < 5)
    meanwhile(t.revert)
    assert add(t, calls) == ALL


def test_large_segments(t, calls, meanwhile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('pixeltable.exec.changes.computed_before.ROWS_AT_ONCE', 7)
    monkeypatch.setattr(backfill, 'ROWS_AT_ONCE', 7)
    monkeypatch.setattr('pixeltable.storage.segments.INLINE_BYTES', 0)
    t.insert(pa.table({'k': range(100, 140), 's': ['y'] * 40}))
    meanwhile(lambda: (t.insert(pa.table({'k': range(200, 220), 's': ['y'] * 20})), t.optimize()))
    assert add(t, calls) == [*ALL, *range(100, 140), *range(200, 220)]


def test_what_a_purge_removed_is_computed_anew(t, calls, meanwhile, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        monkeypatch.undo()
        raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, 'file does not exist')

    meanwhile(lambda: (t.optimize(), monkeypatch.setattr('pixeltable.exec.changes.filled.backfill_rest', gone)))
    assert add(t, calls) == sorted([*ALL, *ALL])
