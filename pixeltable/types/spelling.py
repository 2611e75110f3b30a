"""The type names that users write: `pxt.String`, `pxt.Array[(384,), pxt.Float]`, `pxt.Json[{'a': pxt.Int}] | None`.

Each is also a valid type hint. This module reads and checks spellings; `hints` reads the annotations of Python
functions, which may use Python's own types as well. What a type means is `column_type`'s business.
"""

from __future__ import annotations

import datetime
import typing
import uuid
import warnings
from typing import Annotated, Any

from pixeltable.errors import ErrorCode, PixeltableDeprecationWarning, RequestError, did_you_mean
from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ArrayShape, ColumnType, ImageShape, Kind
from pixeltable.types.hints import from_hint, is_model, is_union, spelled
from pixeltable.types.json_spelling import json_of_literal
from pixeltable.types.pictures import LOSSLESS

__all__ = [
    'UUID',
    'Array',
    'Audio',
    'Binary',
    'Bool',
    'Date',
    'Document',
    'Float',
    'Image',
    'Int',
    'Json',
    'Required',
    'String',
    'Timestamp',
    'Video',
    'from_hint',
    'parse',
]

String = Annotated[str, ct.STRING]
Int = Annotated[int, ct.INT]
Float = Annotated[float, ct.FLOAT]
Bool = Annotated[bool, ct.BOOL]
Timestamp = Annotated[datetime.datetime, ct.TIMESTAMP]
Date = Annotated[datetime.date, ct.DATE]
UUID = Annotated[uuid.UUID, ct.UUID]
Binary = Annotated[bytes, ct.BINARY]
Video = Annotated[str, ct.VIDEO]
Audio = Annotated[str, ct.AUDIO]
Document = Annotated[str, ct.DOCUMENT]

_NAMES = [kind.value for kind in Kind]
_DTYPE_OF_KIND = {Kind.INT: 'int64', Kind.FLOAT: 'float32', Kind.BOOL: 'bool', Kind.STRING: 'str'}
_DTYPE_OF_BUILTIN = {str: 'str', bool: 'bool', int: 'int64'}
_DTYPES = frozenset(
    'bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 str'.split()  # noqa: SIM905
)


class _Name(type):
    """Makes the subscriptable names print as the user writes them."""

    def __repr__(cls) -> str:
        return cls.__name__


class Json(metaclass=_Name):
    """JSON: anything, or what the parameter describes.

    `Json[{'a': pxt.Int}]` is an object, `Json[[T]]` and `Json[(T, ...)]` a list of any length, `Json[(T1, T2)]` a list
    of two, `Json[(T1, T2, ...)]` a T1 and then any number of T2; a `TypedDict` or a pydantic model also describes
    an object.

    Raises:
        RequestError: INVALID_TYPE if the parameter is none of these.
    """

    __column_type__ = ct.JSON

    def __class_getitem__(cls, parameter: Any) -> Any:
        return Annotated[Any, json_of_literal(parameter)]


class Array(metaclass=_Name):
    """A NumPy array: any, `Array[pxt.Float]`, or `Array[(3, None), pxt.Float]` where None is a free dimension.

    `pxt.Float` means float32, `pxt.Int` int64; NumPy dtypes stand for themselves.

    Raises:
        RequestError: INVALID_TYPE for a bad shape or dtype, or a shape without a dtype.
    """

    __column_type__ = ct.ARRAY

    def __class_getitem__(cls, parameter: Any) -> Any:
        return Annotated[Any, ColumnType(Kind.ARRAY, detail=_array_shape(parameter))]


class Image(metaclass=_Name):
    """A Pillow image: any, `Image['RGB']`, `Image[(300, 200)]` (width, height), or both in any order.

    Raises:
        RequestError: INVALID_TYPE for anything else.
    """

    __column_type__ = ct.IMAGE

    def __class_getitem__(cls, parameter: Any) -> Any:
        return Annotated[Any, ColumnType(Kind.IMAGE, detail=_image_shape(parameter))]


class Required(metaclass=_Name):
    """`Required[T]` is `T`: types are NOT NULL unless they say `| None`."""

    def __class_getitem__(cls, parameter: Any) -> Any:
        warnings.warn('pxt.Required[T] is the same as T; write T.', category=PixeltableDeprecationWarning, stacklevel=2)
        return parameter


def parse(spelling: Any, *, what: str) -> ColumnType:
    """The type that `spelling` names in a schema; `what` names the place in messages, as in `"column 'x'"`.

    Raises:
        RequestError: INVALID_TYPE for a Python type, with the Pixeltable type to use; TYPE_MISMATCH if it is no type.
    """
    found = spelled(spelling)
    if found is not None:
        return found
    if is_union(spelling):
        return _parse_union(spelling, what)
    if typing.get_origin(spelling) is Annotated:
        return parse(spelling.__origin__, what=what)
    hinted = None if isinstance(spelling, str) else from_hint(spelling)
    if hinted is None:
        raise RequestError(ErrorCode.TYPE_MISMATCH, f'{what}: {spelling!r} is not a type.{_advice(spelling)}')
    name = getattr(spelling, '__name__', None) or repr(spelling)
    if is_model(spelling):
        advice = f'to store values of that shape, write `pxt.Json[{name}]`'
    else:
        advice = f'use `pxt.{hinted.kind.value}` instead'
    raise RequestError(ErrorCode.INVALID_TYPE, f'{what}: `{name}` is a Python type, not a column type; {advice}.')


def _parse_union(spelling: Any, what: str) -> ColumnType:
    members = [member for member in typing.get_args(spelling) if member is not type(None)]
    if len(members) != 1:
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{what}: a column has one type, optionally `| None`, not {spelling!r}; pxt.Json holds mixed values.',
        )
    return parse(members[0], what=what).with_nullable(True)


def _advice(spelling: Any) -> str:
    if isinstance(spelling, str):
        name = spelling.removeprefix('pxt.').removeprefix('pixeltable.')
        close = {item.lower(): item for item in _NAMES}.get(name.lower())
        return f' Write pxt.{close}, without quotes.' if close else did_you_mean(name, _NAMES)
    if isinstance(spelling, (list, tuple, dict)):
        return ' For structured values, write it inside pxt.Json[...].'
    return f' Use one of pxt.{", pxt.".join(_NAMES)}, or add `| None` to it.'


def _array_shape(parameter: Any) -> ArrayShape:
    if isinstance(parameter, tuple) and len(parameter) == 2:
        for shape, dtype in (parameter, parameter[::-1]):
            if isinstance(shape, tuple) and not isinstance(dtype, (tuple, int, type(None))):
                return ArrayShape(_dimensions(shape), _dtype(dtype))
    if isinstance(parameter, (tuple, int)):
        raise RequestError(
            ErrorCode.INVALID_TYPE, f'Array[{parameter!r}]: a shape needs a dtype too, as in Array[(384,), pxt.Float].'
        )
    return ArrayShape(None, _dtype(parameter))


def _dimensions(shape: tuple[Any, ...]) -> tuple[int | None, ...]:
    for dimension in shape:
        if dimension is not None and (type(dimension) is not int or dimension < 0):
            raise RequestError(
                ErrorCode.INVALID_TYPE,
                f'Array[{shape!r}, ...]: a dimension is a number from 0, or None for any, not {dimension!r}.',
            )
    return shape


def _dtype(spelling: Any) -> str:
    found = spelled(spelling)
    name = _DTYPE_OF_KIND.get(found.kind) if found is not None else _numpy_name(spelling)
    if name in _DTYPES:
        return name
    raise RequestError(
        ErrorCode.INVALID_TYPE,
        f'Array: {spelling!r} is not an element type; use pxt.Float (float32), pxt.Int, pxt.Bool, pxt.String, '
        'or a NumPy integer, float or bool dtype such as np.float64.',
    )


def _numpy_name(spelling: Any) -> str | None:
    if isinstance(spelling, str):
        return spelling
    if isinstance(spelling, type) and spelling in _DTYPE_OF_BUILTIN:
        return _DTYPE_OF_BUILTIN[spelling]
    # Python's float would be NumPy's float64 while pxt.Float is float32: it is refused rather than guessed.
    if not type(spelling).__module__.startswith('numpy') and getattr(spelling, '__module__', '') != 'numpy':
        return None
    import numpy as np

    dtype = np.dtype(spelling)
    return 'str' if dtype.kind in 'UT' else dtype.name


_MODES = LOSSLESS | {'HSV', 'I;16L', 'I;16N', 'La', 'RGBX', 'RGBa'}  # of Pillow, which is not loaded for it


def _image_shape(parameter: Any) -> ImageShape:
    size: tuple[int, int] | None = None
    mode: str | None = None
    is_size = isinstance(parameter, tuple) and bool(parameter) and isinstance(parameter[0], int)
    for part in (parameter,) if is_size or not isinstance(parameter, tuple) else parameter:
        match part:
            case str() if mode is None and part in _MODES:
                mode = part
            case (int(width), int(height)) if size is None and width > 0 and height > 0:
                size = (width, height)
            case _:
                raise RequestError(
                    ErrorCode.INVALID_TYPE,
                    f"Image[{parameter!r}]: give a mode of Pillow and a (width, height), as in Image[(300, 200), 'RGB'].",
                )
    return ImageShape(size, mode)
