"""Indexes whose items to search with are of another type than what is searched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt


@pytest.fixture
def pictures(home) -> pxt.Table:
    """Pictures that are searched by texts: their own function embeds pictures, another one texts."""

    @pxt.udf
    def colors(picture: PIL.Image.Image) -> pxt.Array[(3,), pxt.Float]:
        return np.asarray(picture).reshape(-1, 3).mean(axis=0).astype(np.float32)

    @pxt.udf
    def named(text: str) -> pxt.Array[(3,), pxt.Float]:
        return np.array([float(color in text) for color in ('red', 'lime', 'blue')], np.float32)

    table = pxt.create_table('pictures', {'picture': pxt.Image, 'name': pxt.String})
    table.insert({'picture': PIL.Image.new('RGB', (4, 4), name), 'name': name} for name in ('red', 'lime', 'blue'))
    table.add_embedding_index('picture', image_embed=colors, string_embed=named)
    return table


def nearest(table: pxt.Table, similarity) -> list[str]:
    return table.order_by(similarity, asc=False).limit(1).select(table.name).collect()['name']


def test_a_function_of_its_own_embeds_what_is_searched_for(pictures, reopen) -> None:
    assert nearest(pictures, pictures.picture.similarity(string='a blue car')) == ['blue']
    assert nearest(pictures, pictures.picture.similarity(image=PIL.Image.new('RGB', (1, 1), 'lime'))) == ['lime']
    reopen()
    again = pxt.get_table('pictures')
    assert nearest(again, again.picture.similarity(string='red')) == ['red']
    pxt.vacuum()
    assert nearest(again, again.picture.similarity(string='lime')) == ['lime']


def test_texts_of_another_table_are_searched_for_among_pictures(pictures) -> None:
    @pxt.query
    def like(text: str):
        similarity = pictures.picture.similarity(string=text)
        return pictures.order_by(similarity, asc=False).limit(1).select(pictures.name)

    questions = pxt.create_table('questions', {'text': pxt.String})
    questions.add_computed_column(found=like(questions.text))
    questions.insert([{'text': 'the red one'}, {'text': 'the lime one'}])
    assert questions.select(questions.found[0].name).collect()['found_0_name'] == ['red', 'lime']


def test_what_cannot_be_compared_with_pictures(pictures, tmp_path) -> None:
    @pxt.udf
    def width(picture: PIL.Image.Image) -> pxt.Array[(1,), pxt.Float]:
        return np.array([picture.width], np.float32)

    @pxt.udf
    def short(text: str) -> pxt.Array[(2,), pxt.Float]:
        return np.zeros(2, np.float32)

    with pytest.raises(pxt.Error, match='length 2') as caught:
        pictures.add_embedding_index('picture', embedding=width, string_embed=short)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION
    with pytest.raises(pxt.Error, match='declared with'):
        pictures.add_embedding_index('picture', embedding=width, string_embed=len)
    (tmp_path / 'a.txt').write_text('text')
    with pytest.raises(pxt.Error, match='document_embed=') as caught:
        pictures.picture.similarity(document=tmp_path / 'a.txt')
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION


def test_media_to_compare_with_are_given_by_a_path_too(home, tmp_path) -> None:
    @pxt.udf
    def colour(picture: pxt.Image) -> pxt.Array[(3,), pxt.Float]:
        return np.asarray(picture.convert('RGB'), np.float32).mean((0, 1))

    @pxt.udf
    def size(sound: pxt.Audio) -> pxt.Array[(2,), pxt.Float]:
        return np.array([len(Path(sound).read_bytes()), 1], np.float32)

    table = pxt.create_table('t', {'picture': pxt.Image | None, 'sound': pxt.Audio | None}, media_validation='on_read')
    red, loud = tmp_path / 'red.png', tmp_path / 'loud.wav'
    PIL.Image.new('RGB', (2, 2), 'red').save(red)
    loud.write_bytes(b'1234')
    table.insert([{'picture': red, 'sound': loud}])
    table.add_embedding_index('picture', embedding=colour)
    table.add_embedding_index('sound', embedding=size)
    for similarity in (
        table.picture.similarity(image=str(red)),
        table.picture.similarity(image=red),
        table.sound.similarity(audio=str(loud)),
    ):
        assert table.select(s=similarity).collect()['s'] == [pytest.approx(1, abs=1e-3)]
    with pytest.raises(pxt.RequestError, match='there is no file'):
        table.picture.similarity(image='none.png')
    with pytest.raises(pxt.RequestError) as caught:
        table.picture.similarity(image=5)
    assert caught.value.error_code is pxt.ErrorCode.TYPE_MISMATCH
