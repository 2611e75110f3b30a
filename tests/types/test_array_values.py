from typing import Any

import numpy as np
import pytest

from pixeltable.errors import RequestError
from pixeltable.types import spelling as pxt
from pixeltable.types.coerce import coerce, column_to_arrow


def take(value: Any, spelling: Any) -> Any:
    return coerce(value, pxt.parse(spelling, what='x'), column='x', row=0)


@pytest.mark.parametrize(
    ('value', 'spelling', 'dtype'),
    [
        ([1, 2], pxt.Array[(2,), pxt.Float], 'float32'),
        ([1.5, 2.5], pxt.Array[(2,), np.float16], 'float16'),
        ((1, 2), pxt.Array[np.uint8], 'uint8'),
        ([1, 2], pxt.Array, 'int64'),
        ([], pxt.Array[(None,), pxt.Int], 'int64'),
        ([], pxt.Array[pxt.String], '<U1'),
        (['a', 'bc'], pxt.Array[(None,), pxt.String], '<U2'),
        (np.array(['a'], dtype=object), pxt.Array, '<U1'),
        (np.ones(2, np.float16), pxt.Array[(2,), pxt.Float], 'float32'),
        (np.ones(2, np.int64), pxt.Array[(2,), pxt.Float], 'float32'),
        (np.ones(2, np.uint8), pxt.Array[(2,), pxt.Int], 'int64'),
        (np.ones(2, '>f4'), pxt.Array, 'float32'),
        (np.ones((4, 4))[:, ::2], pxt.Array[(4, None), np.float64], 'float64'),
    ],
)
def test_accepted(value: Any, spelling: Any, dtype: str) -> None:
    found = take(value, spelling)
    assert found.dtype == np.dtype(dtype)
    assert found.flags.c_contiguous
    assert found.tolist() == np.asarray(value).tolist()


@pytest.mark.parametrize(
    ('value', 'spelling', 'message'),
    [
        ([1, 2, 3], pxt.Array[(2,), pxt.Float], r'its shape is \(3,\), not \(2,\)'),
        (np.ones(2), pxt.Array[(2,), pxt.Float], r"dtype is float64, not float32; value.astype\('float32'\)"),
        (np.ones(2, bool), pxt.Array[pxt.Int], 'dtype is bool, not int64'),
        ([1.5], pxt.Array[pxt.Int], 'dtype is float64, not int64'),
        ([300], pxt.Array[np.uint8], 'outside 0 to 255'),
        ([1e300], pxt.Array[np.float16], 'too large for float16'),
        ([1, 'a'], pxt.Array, 'mixes text'),
        ([[1], [1, 2]], pxt.Array, 'NumPy makes no array'),
        ([None], pxt.Array, 'dtype object cannot be stored'),
        (np.ones(1, complex), pxt.Array, 'dtype complex128 cannot be stored'),
        ([1], pxt.Array[pxt.String], 'dtype is int64, not str'),
        (np.float32(1), pxt.Array, 'give a NumPy array or a list'),
        ('text', pxt.Array, 'give a NumPy array or a list'),
    ],
)
def test_refused(value: Any, spelling: Any, message: str) -> None:
    with pytest.raises(RequestError, match=f"column 'x', row 0: .*{message}"):
        take(value, spelling)


def test_objects_that_convert_to_arrays() -> None:
    class Tensor:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.ones(2, np.float32)

    assert take(Tensor(), pxt.Array[(2,), pxt.Float]).tolist() == [1, 1]


def test_one_wrong_array_among_many_is_named() -> None:
    type_ = pxt.parse(pxt.Array[(2,), pxt.Float], what='x')
    good = np.ones(2, np.float32)
    with pytest.raises(RequestError, match=r"column 'v', row 1: .*ndarray"):
        column_to_arrow([good, np.ones(3, np.float32)], type_, column='v')
