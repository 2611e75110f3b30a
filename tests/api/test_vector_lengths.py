"""An index on what a function gives whose type does not say how long it is."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def t(home) -> pxt.Table:
    table = pxt.create_table('t', {'text': pxt.String | None, 'picture': pxt.Image | None})
    table.insert([{'text': 'ab', 'picture': PIL.Image.new('RGB', (4, 4), 'red')}])
    return table


def test_a_length_is_seen_from_a_sample(t) -> None:
    @pxt.udf
    def letters(text: str) -> pxt.Array[(None,), pxt.Float]:
        return np.array([text.count(letter) + 0.5 for letter in 'abc'], np.float32)

    @pxt.udf
    def shades(picture: pxt.Image) -> pxt.Array[(None,), pxt.Float]:
        return np.asarray(picture.convert('L').resize((2, 2)), np.float32).ravel()

    t.add_embedding_index('text', string_embed=letters)
    t.add_embedding_index('picture', image_embed=shades)
    t.insert([{'text': 'ccc'}])
    assert t.select(t.text_embedding, t.picture_embedding).collect().schema == {
        'text_embedding': 'Array[(3,), float16] | None',
        'picture_embedding': 'Array[(4,), float16] | None',
    }
    assert t.order_by(t.text.similarity('cc'), asc=False).limit(1).collect()['text'] == ['ccc']


def test_what_has_no_length(t) -> None:
    @pxt.udf
    def nothing(text: str) -> pxt.Array[(None,), pxt.Float] | None:
        return None

    @pxt.udf
    def words(text: str) -> pxt.Array[(None,), pxt.String]:
        return np.array(text.split())

    @pxt.udf
    def grid(text: str) -> pxt.Array[(None, None), pxt.Float]:
        return np.ones((2, 2), np.float32)

    for function in (nothing, words, grid):
        with pytest.raises(pxt.Error, match='a vector of fixed length') as caught:
            t.add_embedding_index('text', string_embed=function)
        assert caught.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION


def test_a_sample_that_fails(t) -> None:
    @pxt.udf
    def broken(text: str) -> pxt.Array[(None,), pxt.Float]:
        raise ValueError('no such model')

    with pytest.raises(pxt.Error, match=r'embedding of a sample by broken\(\) failed: ValueError: no such model'):
        t.add_embedding_index('text', string_embed=broken)
    assert t.columns() == ['text', 'picture']
