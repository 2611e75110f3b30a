"""Classes of older programs call the functions that took their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode
from pixeltable.functions import audio, document, image, string, video


@pytest.fixture
def t(home: Path) -> pxt.Table:
    types = {'v': pxt.Video, 'a': pxt.Audio, 'd': pxt.Document, 's': pxt.String, 'i': pxt.Image}
    return pxt.create_table('t', types)


@pytest.mark.parametrize(
    ('name', 'function', 'column', 'options'),
    [
        ('FrameIterator', video.frame_iterator, 'v', {'fps': 1.0}),
        ('VideoSplitter', video.video_splitter, 'v', {'duration': 5.0}),
        ('AudioSplitter', audio.audio_splitter, 'a', {'duration': 5.0, 'overlap': 1.0}),
        ('DocumentSplitter', document.document_splitter, 'd', {'separators': 'token_limit', 'limit': 300}),
        ('StringSplitter', string.string_splitter, 's', {'separators': 'sentence'}),
        ('TileIterator', image.tile_iterator, 'i', {'tile_size': (10, 10)}),
    ],
)
def test_it_is_the_call_of_the_function(
    t: pxt.Table, name: str, function: Any, column: str, options: dict[str, Any]
) -> None:
    given = {function.signature.parameters[0].name: t[column], **options}
    with pytest.warns(pxt.PixeltableDeprecationWarning, match=function.name):
        call = getattr(pxt.iterators, name).create(**given)
    expected = function(**given)
    assert (repr(call), call.outputs) == (repr(expected), expected.outputs)
    view = pxt.create_view('w', t, iterator=call)
    assert view.columns()[: 1 + len(call.outputs)] == ['pos', *call.outputs]


@pytest.mark.filterwarnings('ignore::pixeltable.PixeltableDeprecationWarning')
def test_wrong_arguments_are_refused_as_by_the_function(t: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError, match=r'tile_size') as caught:
        pxt.iterators.TileIterator.create(image=t.i)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_subclasses_of_the_base_are_told_what_to_do() -> None:
    class Mine(pxt.iterators.ComponentIterator):
        pass

    with pytest.raises(pxt.RequestError, match=r'pxt\.PxtIterator') as caught:
        Mine.create()
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION
