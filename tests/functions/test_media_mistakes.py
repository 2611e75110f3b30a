"""What users get wrong with films, sounds and pictures, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import films
import PIL.Image
import pytest

import pixeltable as pxt
from pixeltable.functions import image as pxti
from pixeltable.functions import video as pxtv
from pixeltable.functions.audio import audio_splitter
from pixeltable.functions.document import document_splitter
from pixeltable.functions.vision import draw_bounding_boxes


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(films.film(tmp_path / 'a.mp4'))


@pytest.fixture
def t(home: Path) -> pxt.Table:
    return pxt.create_table('t', {'film': pxt.Video, 'sound': pxt.Audio, 'img': pxt.Image, 'pdf': pxt.Document | None})


@pytest.mark.usefixtures('run_at_once')
@pytest.mark.parametrize(
    ('function', 'options', 'why'),
    [
        (pxtv.clip, {'start_time': 0.0, 'video_encoder_args': {'crff': 20}}, "'libx264' has no option 'crff'"),
        (pxtv.clip, {'start_time': 0.0, 'mode': 'fast', 'video_encoder': 'libx264'}, 'encodes nothing'),
        (pxtv.extract_audio, {'format': '.mp3'}, "no format '.mp3'"),
        (pxtv.extract_audio, {'format': '/../../a.wav'}, 'no format'),
        (pxtv.scene_detect_content, {'min_scene_len': -3}, 'min_scene_len is from 0, not -3'),
        (pxtv.scene_detect_content, {'threshold': -1.0}, 'threshold is from 0'),
        (pxtv.scene_detect_content, {'delta_edges': 1.0, 'kernel_size': -2}, 'kernel_size is above 0'),
        (pxtv.scene_detect_histogram, {'bins': 0}, 'bins is above 0'),
        (pxtv.scene_detect_hash, {'size': 0}, 'size is above 0'),
        (pxtv.scene_detect_threshold, {'fade_bias': 7.0}, 'fade_bias is from -1.0 to 1.0'),
    ],
)
def test_wrong_options_of_films(function: Any, options: dict[str, Any], why: str, clip: str) -> None:
    with pytest.raises(pxt.RequestError, match=why) as raised:
        function(clip, **options)
    assert raised.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ('make', 'code'),
    [
        (lambda t: pxtv.legacy_frame_iterator(t.film, fps=1, num_frames=2), 'UNSUPPORTED_OPERATION'),
        (lambda t: pxtv.video_splitter(t.film, segment_times=['a']), 'TYPE_MISMATCH'),
        (lambda t: pxtv.video_splitter(t.film, segment_times=1.0), 'TYPE_MISMATCH'),
        (lambda t: audio_splitter(t.sound, duration=1.0, min_segment_duration=-1.0), 'INVALID_ARGUMENT'),
        (lambda t: audio_splitter(t.sound, duration=1.0, min_silence_len=-4.0), 'INVALID_ARGUMENT'),
        (lambda t: audio_splitter(t.sound, duration=1.0, silence_thresh=40.0), 'INVALID_ARGUMENT'),
        (lambda t: pxti.tile_iterator(t.img, (10.5, 10)), 'TYPE_MISMATCH'),
        (lambda t: document_splitter(t.pdf, separators=None), 'INVALID_ARGUMENT'),
    ],
)
def test_iterators_are_refused_before_they_run(make: Callable[[pxt.Table], Any], code: str, t: pxt.Table) -> None:
    with pytest.raises(pxt.RequestError) as raised:
        make(t)
    assert raised.value.error_code.name == code


def test_parts_that_are_smaller_than_any(t: pxt.Table, tmp_path: Path) -> None:
    t.insert(
        film=films.film(tmp_path / 'a.mp4'), sound=films.sound(tmp_path / 'a.wav'), img=PIL.Image.new('RGB', (2, 2))
    )
    with pytest.warns(pxt.PixeltableWarning, match='10 bytes, is too small'):
        assert pxt.create_view('parts', t, iterator=audio_splitter(t.sound, max_size=10)).count() == 0


@pytest.mark.usefixtures('run_at_once')
def test_pictures(tmp_path: Path) -> None:
    image = PIL.Image.new('RGB', (4, 4))
    assert pxti.b64_encode(image, 'jpg') == pxti.b64_encode(image, 'jpeg')
    with pytest.raises(pxt.RequestError, match=r"a format that Pillow writes.*'nope'"):
        pxti.b64_encode(image, 'nope')
    with pytest.raises(pxt.RequestError, match=r'four numbers, unlike \[1, 2, 3\]'):
        draw_bounding_boxes(image, [[1, 2, 3]])


def test_an_empty_path(t: pxt.Table, tmp_path: Path) -> None:
    with pytest.raises(pxt.RequestError, match="there is no file '': it names none"):
        t.insert([{'film': '', 'sound': '', 'img': ''}], on_error='abort')
