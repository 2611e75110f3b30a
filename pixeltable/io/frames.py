"""pandas frames as rows that can be inserted."""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.io.column_names import column_names, told_apart
from pixeltable.types.column_type import Kind

_SCALARS = (str, bytes, bool, int, float, decimal.Decimal, datetime.date, datetime.datetime)


def is_frame(source: Any) -> bool:
    """Whether it is a pandas DataFrame; does not import pandas to find out."""
    return type(source).__module__.partition('.')[0] == 'pandas'


def to_rows(frame: Any) -> Any:
    """The frame as an Arrow table; as a list of dicts if it has objects that Arrow would change, such as dicts and pictures."""
    frame = _with_whole_numbers(frame)
    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(ErrorCode.INVALID_SCHEMA, f'the frame has two columns {twice!r}; rename one.')
    objects = [index for index, dtype in enumerate(frame.dtypes) if dtype.kind == 'O']
    if all(isinstance(_first(frame.iloc[:, index]), (*_SCALARS, type(None))) for index in objects):
        try:
            return pa.Table.from_pandas(frame, preserve_index=False)
        except pa.ArrowException:  # numbers and texts in one column
            pass
    columns = [_values(frame.iloc[:, index]) for index in range(frame.shape[1])]
    return [dict(zip(map(str, frame.columns), row, strict=True)) for row in zip(*columns, strict=True)]


def _with_whole_numbers(frame: Any) -> Any:
    """pandas makes floats of whole numbers among which one is missing; these are whole numbers again, and fit into Int too."""
    for index, dtype in enumerate(frame.dtypes):
        if dtype.kind == 'f' and hasattr(dtype, 'itemsize'):
            values = frame.iloc[:, index].to_numpy(dtype=float, na_value=np.nan)
            there = values[~np.isnan(values)]
            is_whole = len(there) < len(values) and (np.abs(there) < 2**53).all() and (there == np.trunc(there)).all()
            if is_whole and not np.signbit(there[there == 0]).any():  # -0.0 is no whole number
                frame = frame.copy(deep=False)
                frame.isetitem(index, frame.iloc[:, index].astype('Int64'))
    return frame


def with_texts(frame: Any, names: set[str]) -> Any:
    """The frame, with all values of the columns `names` turned to text."""
    for index, name in enumerate(map(str, frame.columns)):
        if name in names and frame.dtypes.iloc[index].kind == 'O':
            texts = [value if value is None else str(value) for value in _values(frame.iloc[:, index])]
            frame = _with_objects(frame, index, texts)
    return frame


def as_declared(frame: Any, types: Mapping[str, Kind]) -> Any:
    """The frame, with texts of numbers in columns that are to be numbers, and the reverse, converted: pandas guesses, too.

    A value that is no such number stays, and is refused where it is inserted.
    """
    names = list(map(str, frame.columns))
    made = column_names(told_apart(names), ())
    for index, name in enumerate(names):
        conversion = _CONVERSIONS.get(types.get(name) or types.get(made.get(name, name)) or Kind.JSON)
        if conversion is None or frame.dtypes.iloc[index].kind not in conversion.dtypes:
            continue
        values = _values(frame.iloc[:, index])
        if any(issubclass(each, conversion.foreign) for each in set(map(type, values))):
            converted = list(map(conversion.convert, values))
            if any(new is not old for new, old in zip(converted, values, strict=True)):
                frame = _with_objects(frame, index, converted)
    return frame


def _with_objects(frame: Any, index: int, values: list[Any]) -> Any:
    frame = frame.copy(deep=False)
    frame.isetitem(index, type(frame.iloc[:, index])(values, index=frame.index, dtype=object))
    return frame


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (bool, int, float)) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        return int(value) if re.fullmatch(r'[+-]?\d+', value) else value
    return int(value) if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()) else value


def _real(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


@dataclass(frozen=True, slots=True)
class _Conversion:
    """Of values of the types `foreign`, which columns of some dtypes may hold."""

    dtypes: str
    foreign: tuple[type, ...]
    convert: Callable[[Any], Any]


_CONVERSIONS = {
    Kind.STRING: _Conversion('Oiufb', (bool, int, float), _text),
    Kind.INT: _Conversion('OfbUT', (str, bool, float), _whole),
    Kind.FLOAT: _Conversion('OUT', (str,), _real),
}


def _first(series: Any) -> Any:
    position = series.first_valid_index()
    return None if position is None else series[series.notna()].iloc[0]


def _values(series: Any) -> list[Any]:
    missing = series.isna()
    return [None if is_missing else value for value, is_missing in zip(series.tolist(), missing, strict=True)]
