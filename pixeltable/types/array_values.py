"""Accepting values into Array columns: C-contiguous, native NumPy arrays of the declared shape and dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from pixeltable.types.column_type import ArrayShape
from pixeltable.types.refusal import RefusalError

_NUMERIC = frozenset(
    ('bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'float32', 'float64')
)


def to_array(value: Any, declared: ArrayShape) -> np.ndarray[Any, Any]:
    """`value` as a canonical array of the declared shape and dtype.

    Raises:
        RefusalError: another shape, or a dtype that would lose something.
    """
    if isinstance(value, np.ndarray):
        array = _with_dtype(_known(value), declared.dtype)
    elif isinstance(value, (list, tuple)):
        array = _of_numbers(_from_list(value), declared.dtype)
    elif hasattr(value, '__array__'):
        array = _with_dtype(_known(_from_other(value)), declared.dtype)
    else:
        raise RefusalError('give a NumPy array or a list')
    if declared.shape is not None and not _matches(array.shape, declared.shape):
        raise RefusalError(f'its shape is {array.shape}, not {declared.shape}')
    return np.require(array, requirements='C') if array.ndim else array


def _from_list(value: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.array(value)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        raise RefusalError(f'NumPy makes no array of it ({error})') from error
    # NumPy turns numbers next to text into text.
    if array.dtype.kind == 'U' and set(map(type, np.array(value, dtype=object).ravel().tolist())) > {str}:
        raise RefusalError('it mixes text with other values')
    return _known(array)


def _from_other(value: Any) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(value)
    except Exception as error:  # another library's conversion: a tensor on a GPU, for one
        raise RefusalError(f'it does not convert to a NumPy array ({error})') from error


def _known(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`array` in native byte order and one of the dtypes that can be stored."""
    if array.dtype.kind == 'T' or (array.dtype.kind == 'O' and all(isinstance(item, str) for item in array.flat)):
        array = array.astype('U')
    if array.dtype.kind == 'U' or array.dtype.name in _NUMERIC:
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder('='))
    raise RefusalError(f'arrays of dtype {array.dtype} cannot be stored; use numbers, bools or text')


def _with_dtype(array: np.ndarray[Any, Any], name: str | None) -> np.ndarray[Any, Any]:
    """The array widened to `name`; narrowing loses something and is refused."""
    if name is None or (name == 'str' and array.dtype.kind == 'U'):
        return array
    if name == 'str' or array.dtype.kind == 'U':
        raise RefusalError(f'its dtype is {_name(array)}, not {name}')
    target = np.dtype(name)
    if array.dtype == target:
        return array
    same_family = (array.dtype.kind == 'b') == (target.kind == 'b')
    to_float = array.dtype.kind in 'iu' and target.kind == 'f'
    if same_family and (to_float or np.can_cast(array.dtype, target, 'safe')):
        return _cast(array, target)
    raise RefusalError(f'its dtype is {_name(array)}, not {name}; value.astype({name!r}) converts it')


def _of_numbers(array: np.ndarray[Any, Any], name: str | None) -> np.ndarray[Any, Any]:
    """As `_with_dtype`, for a list of Python numbers, whose 64 bits are no declaration: it takes what fits."""
    if name is None:
        return array
    if array.size == 0:
        return array.astype('U1' if name == 'str' else name)
    target = np.dtype('U' if name == 'str' else name)
    if array.dtype.kind == 'f' and target.kind == 'f':
        return _cast(array, target)
    if array.dtype.kind in 'iu' and target.kind in 'iu':
        limits = np.iinfo(target)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            raise RefusalError(f'it has numbers outside {limits.min} to {limits.max}, the range of {name}')
        return array.astype(target)
    return _with_dtype(array, name)


def _cast(array: np.ndarray[Any, Any], target: np.dtype[Any]) -> np.ndarray[Any, Any]:
    with np.errstate(over='ignore', under='ignore'):
        result: np.ndarray[Any, Any] = array.astype(target)
    if target.kind == 'f' and np.any(np.isinf(result) & np.isfinite(array)):
        raise RefusalError(f'it has numbers too large for {target.name}')
    return result


def _matches(shape: tuple[int, ...], declared: tuple[int | None, ...]) -> bool:
    return len(shape) == len(declared) and all(d is None or s == d for s, d in zip(shape, declared, strict=True))


def _name(array: np.ndarray[Any, Any]) -> str:
    return 'str' if array.dtype.kind == 'U' else array.dtype.name
