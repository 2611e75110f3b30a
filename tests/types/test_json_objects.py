"""Arrays, bytes and images inside Json come back as they were."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixeltable.errors import RequestError
from pixeltable.types import arrow, json_objects
from pixeltable.types import spelling as pxt
from pixeltable.types.coerce import coerce, column_to_arrow
from pixeltable.types.json_values import dump, load


def there_and_back(value: Any, spelling: Any = pxt.Json) -> Any:
    type_ = pxt.parse(spelling, what='x')
    stored = column_to_arrow([value], type_, column='x')
    assert load(dump(coerce(value, type_, column='x'))) is not None
    return arrow.decode(stored, type_, None)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    'array',
    [
        np.arange(6, dtype=np.int16).reshape(2, 3),
        np.array([np.nan, np.inf], dtype=np.float32),
        np.array([True, False]),
        np.array(['a', 'bcd']),
        np.array(5.5),
        np.zeros((0, 4), dtype=np.uint8),
        np.arange(6).reshape(2, 3).T,
    ],
    ids=lambda array: f'{array.dtype}{array.shape}',
)
def test_arrays(array: Any) -> None:
    found = there_and_back({'deep': [array]})['deep'][0]
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == 'f')
    assert there_and_back(array).shape == array.shape


@pytest.mark.parametrize('mode', ['1', 'L', 'LA', 'P', 'PA', 'I', 'I;16', 'F', 'RGB', 'RGBA', 'CMYK', 'YCbCr', 'LAB'])
def test_images(mode: str) -> None:
    image = Image.new(mode, (3, 2))
    found = there_and_back([{'im': image}])[0]['im']
    assert (found.mode, found.size, found.tobytes()) == (image.mode, image.size, image.tobytes())


def test_bytes_and_what_looks_like_them() -> None:
    assert there_and_back({'a': b'\x00\xff', 'b': bytearray(b'x')}) == {'a': b'\x00\xff', 'b': b'x'}
    assert there_and_back({'text': '{"$pxt": "bytes"}'}) == {'text': '{"$pxt": "bytes"}'}
    assert there_and_back(json.loads(dump({'a': b'x'}))) == {'a': b'x'}


def test_schemas() -> None:
    shape = pxt.Json[{'v': pxt.Array[(2,), pxt.Float], 'b': pxt.Binary, 'im': pxt.Image | None, 'l': [pxt.Float]}]
    value = {'v': [1, 2], 'b': b'x', 'im': None, 'l': np.array([1.5])}
    found = there_and_back(value, shape)
    assert found['v'].dtype == np.float32
    assert found['l'] == [1.5]
    for wrong in ({'v': [1, 2, 3]}, {'b': 'x'}, {'im': 5}):
        with pytest.raises(RequestError):
            there_and_back(value | wrong, shape)


def test_refused() -> None:
    with pytest.raises(RequestError, match=r'at \$\[0\]: no lossless file format has images of mode HSV'):
        there_and_back([Image.new('HSV', (1, 1))])


def test_readable() -> None:
    text = json.dumps(
        {'a': np.array([1.0, np.nan]), 'b': b'x', 'im': Image.new('L', (1, 1))}, default=json_objects.readable
    )
    found = json.loads(text)
    assert (found['a'], found['b'], found['im'][:22]) == ([1.0, 'NaN'], 'eA==', 'data:image/png;base64,')


texts = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=4)
floats = st.floats(allow_nan=False, allow_infinity=False)
keys = st.sampled_from(['a', 'data', '$', '"'])
nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), floats, texts, st.binary(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@given(nested.filter(lambda value: value is not None))
def test_any_value_comes_back(value: Any) -> None:
    assert there_and_back(value) == value


def test_what_says_how_an_image_is_seen_is_kept() -> None:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.effect_noise((8, 9), 90).convert('RGB').save(file, 'png', transparency=(1, 2, 3), exif=exif)
    image = Image.open(file)
    assert there_and_back(image).getexif()[0x0112] == 6
    assert there_and_back(image).info['transparency'] == (1, 2, 3)
    assert there_and_back(image.getchannel(0)).tobytes() == image.getchannel(0).tobytes()


def test_images_that_no_file_can_hold_are_refused() -> None:
    file = io.BytesIO()
    Image.effect_noise((80, 90), 90).save(file, 'png')
    for image, words in (
        (Image.open(io.BytesIO(file.getvalue()[:2000])), 'the image cannot be read: image file is truncated'),
        (Image.new('L', (0, 3)), r'\(0, 3\) pixels cannot be stored'),
    ):
        with pytest.raises(RequestError, match=words):
            there_and_back({'a': [image]})
