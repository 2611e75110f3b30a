"""Errors of cells, stored beside their column and read again."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pixeltable.exec import vectors
from pixeltable.exec.vectors import CellError, errors_to_arrow, stored_errors
from pixeltable.storage.read_columns import ERROR_TYPE


def read(stored: pa.Array) -> dict[int, CellError]:
    fields = {f'c1_{each.name}': pc.struct_field(stored, each.name) for each in stored.type}
    return stored_errors(pa.table(fields), 'c1')


def details(errors: dict[int, CellError]) -> dict[int, tuple[object, ...]]:
    return {row: (e.errortype, e.errormsg, e.attempts, e.input, e.traceback) for row, e in errors.items()}


def test_what_is_known_of_an_error_comes_back() -> None:
    errors = {1: CellError('A', 'a', None, 3, None, 'line 1'), 4: CellError('InputError', 'b', None, None, 7, None)}
    stored = errors_to_arrow(errors, 6)
    assert stored.is_null().to_pylist() == [True, False, True, True, False, True]
    assert details(read(stored)) == details(errors)


def test_only_what_is_known_is_stored() -> None:
    assert errors_to_arrow({0: CellError('A', 'a')}, 2).type == ERROR_TYPE
    assert details(read(errors_to_arrow({0: CellError('A', 'a')}, 2))) == {0: ('A', 'a', None, None, None)}


def test_not_every_cell_keeps_where_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, 'TRACEBACKS', 2)
    stored = errors_to_arrow({row: CellError('A', 'a', None, 1, None, 'line 1') for row in range(4)}, 4)
    assert [each['traceback'] for each in stored.to_pylist()] == ['line 1', 'line 1', None, None]


def test_readers_name_the_column_that_failed_first() -> None:
    first = CellError('ValueError', 'bad').of_reader(1, 'x')
    assert (first.errortype, first.input) == ('InputError', 1)
    assert first.errormsg == "an input to this computed column had an error: column 'x': ValueError: bad"
    assert first.of_reader(2, 'y') is first


def test_errors_without_any_row() -> None:
    assert read(errors_to_arrow({}, 3)) == {}
    assert stored_errors(pa.table({'c1': [1]}), 'c1') == {}
