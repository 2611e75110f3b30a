"""The values of an expression over a batch, as Python objects, and the errors of single cells."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.read_columns import ERROR_TYPE
from pixeltable.types.coerce import coerce, column_to_arrow
from pixeltable.types.column_type import ColumnType

INPUT_ERROR = 'InputError'


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell could not be computed."""

    errortype: str
    errormsg: str
    exception: BaseException | None = field(default=None, compare=False)

    @staticmethod
    def of(exception: BaseException) -> CellError:
        return CellError(type(exception).__name__, str(exception) or repr(exception), exception)

    def without_exception(self) -> CellError:
        """The same for who cannot take the exception."""
        return replace(self, exception=None)

    def of_reader(self) -> CellError:
        """The error of a cell that reads this one."""
        if self.errortype == INPUT_ERROR:
            return self
        return CellError(INPUT_ERROR, f'an input to this computed column had an error: {self.errormsg}', self.exception)

    @property
    def stack(self) -> str | None:
        return None if self.exception is None else ''.join(traceback.format_exception(self.exception))


@dataclass(slots=True)
class Vector:
    """One value a row; a row with an error has None."""

    values: Sequence[Any]
    errors: dict[int, CellError] = field(default_factory=dict)

    def to_arrow(self, type_: ColumnType, column: str) -> pa.Array:
        """The values in their storage type. A value that the type cannot hold becomes an error of its cell."""
        nullable = type_.with_nullable(True)
        try:
            return column_to_arrow(self.values, nullable, column=column)
        except RequestError:
            values = [self._coerced(row, value, nullable, column) for row, value in enumerate(self.values)]
            return column_to_arrow(values, nullable, column=column)

    def _coerced(self, row: int, value: Any, type_: ColumnType, column: str) -> Any:
        try:
            return coerce(value, type_, column=column, row=row, code=ErrorCode.TYPE_MISMATCH)
        except RequestError as error:
            self.errors[row] = CellError.of(error)
            return None


def errors_to_arrow(errors: dict[int, CellError], rows: int) -> pa.Array:
    """The error column that is stored beside a computed column: NULL where the cell is good."""
    cells = ({'errortype': e.errortype, 'errormsg': e.errormsg} if e else None for e in map(errors.get, range(rows)))
    return pa.array(list(cells), ERROR_TYPE)
