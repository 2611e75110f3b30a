"""The values of an expression over a batch, as Python objects, and the errors of single cells."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.limits.memory import is_memory, let_go
from pixeltable.exec.limits.retrying import attempts_made
from pixeltable.exec.stacks import stack_of
from pixeltable.storage.read_columns import ERROR_DETAILS, ERROR_TYPE
from pixeltable.types import buffers
from pixeltable.types.coerce import coerce, column_to_arrow
from pixeltable.types.column_type import ColumnType

INPUT_ERROR = 'InputError'


TRACEBACKS = 1000
"""So many cells of a column in a file keep where their function failed: a million equal ones would say no more."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell could not be computed.

    Attributes:
        attempts: calls that were made.
        input: the id of the column whose cell failed, and this one only because it reads that.
        traceback: where the user's code failed.
    """

    errortype: str
    errormsg: str
    exception: BaseException | None = field(default=None, compare=False)
    attempts: int | None = field(default=None, compare=False)
    input: int | None = field(default=None, compare=False)
    traceback: str | None = field(default=None, compare=False)

    @staticmethod
    def of(exception: BaseException) -> CellError:
        message, attempts, stack = str(exception) or repr(exception), attempts_made(exception), stack_of(exception)
        if is_memory(exception):
            let_go(exception)
        return CellError(type(exception).__name__, message, exception, attempts, traceback=stack)

    def without_exception(self) -> CellError:
        """The same for who cannot take the exception."""
        return replace(self, exception=None)

    def of_reader(self, column_id: int | None, name: str) -> CellError:
        """The error of a cell that reads this one, which belongs to column `name`. It names the column that failed first."""
        if self.errortype == INPUT_ERROR:
            return self
        cause = f'column {name!r}: {self.errortype}: {self.errormsg}'
        message = f'an input to this computed column had an error: {cause}'
        return CellError(INPUT_ERROR, message, self.exception, input=column_id)

    @property
    def stack(self) -> str | None:
        return None if self.exception is None else ''.join(traceback.format_exception(self.exception))


@dataclass(slots=True)
class Vector:
    """One value a row; a row with an error has None."""

    values: Sequence[Any]
    errors: dict[int, CellError] = field(default_factory=dict)

    def to_arrow(self, type_: ColumnType, column: str, zone: tzinfo) -> pa.Array:
        """The values in their storage type; a time without a zone is one in `zone`, and Json may have keys that its type does not
        name: what functions get from others grows. A value that the type cannot hold becomes an error of its cell."""
        nullable = type_.with_nullable(True)
        try:
            return column_to_arrow(self.values, nullable, column=column, zone=zone, more_keys=True)
        except RequestError:
            values = [self._coerced(row, value, nullable, column, zone) for row, value in enumerate(self.values)]
            return column_to_arrow(values, nullable, column=column, zone=zone, more_keys=True)

    def _coerced(self, row: int, value: Any, type_: ColumnType, column: str, zone: tzinfo) -> Any:
        try:
            return coerce(value, type_, column=column, row=row, zone=zone, code=ErrorCode.TYPE_MISMATCH, more_keys=True)
        except RequestError as error:
            self.errors[row] = CellError.of(error)
            return None


def errors_to_arrow(errors: dict[int, CellError], rows: int) -> pa.Array:
    """The error column that is stored beside a computed column: NULL where the cell is good. It has what is known."""
    failed = sorted(errors)
    found = {name: [getattr(errors[row], name) for row in failed] for name in ERROR_DETAILS.names}
    found['traceback'][TRACEBACKS:] = [None] * len(failed[TRACEBACKS:])
    types = [
        each for each in ERROR_DETAILS if each.name in ERROR_TYPE.names or any(v is not None for v in found[each.name])
    ]
    arrays = [(buffers.strings if each.type == pa.string() else buffers.integers)(found[each.name]) for each in types]
    cells = pa.StructArray.from_arrays(arrays, fields=types)
    places = np.full(rows, -1, np.int64)
    places[failed] = np.arange(len(failed))
    return cells.take(buffers.primitive(pa.int64(), places, places >= 0))


def stored_errors(rows: pa.Table, field: str) -> dict[int, CellError]:
    """The errors of a field by row, from the fields of `rows` that hold parts of them; none if there are no such fields."""
    names = {name: f'{field}_{name}' for name in ERROR_DETAILS.names}
    found = {name: rows.column(each) for name, each in names.items() if each in rows.column_names}
    return _from_arrow(found) if 'errortype' in found else {}


def _from_arrow(columns: Mapping[str, pa.ChunkedArray]) -> dict[int, CellError]:
    types = columns['errortype']
    if types.null_count == len(types):
        return {}
    rows = np.flatnonzero(buffers.numbers(pc.is_valid(types), 'bool'))
    found = {name: column.take(buffers.positions(rows)).to_pylist() for name, column in columns.items()}
    return {
        row: CellError(**dict(zip(found, values, strict=True)))
        for row, values in zip(rows.tolist(), zip(*found.values(), strict=True), strict=True)
    }
