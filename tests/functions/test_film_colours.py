"""What is made of a film has its colours, whatever the numbers in it mean."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import films
import numpy as np
import PIL.Image
import pytest

from pixeltable.functions import video as pxtv
from pixeltable.functions._av.writing import Stream

pytestmark = pytest.mark.usefixtures('run_at_once')

BT709, BT601, SMPTE170M = 1, 5, 6  # of which the last two are the same
LIMITED, FULL = 1, 2
COLOURS = np.zeros((48, 64, 3), np.uint8)
COLOURS[:, :32], COLOURS[:, 32:] = (200, 30, 60), (20, 180, 90)
DOT = PIL.Image.new('RGBA', (2, 2), (255, 0, 0, 255))

CHANGES: dict[str, Callable[[str], str]] = {
    'clip': lambda film: pxtv.clip(film, start_time=0.1),
    'concat_videos': lambda film: pxtv.concat_videos([film, film]),
    'crop': lambda film: pxtv.crop(film, [0, 0, 64, 40]),
    'resize': lambda film: pxtv.resize(film, width=32),
    'overlay_image': lambda film: pxtv.overlay_image(film, DOT),
    'adjust_brightness': lambda film: pxtv.adjust_brightness(film, factor=1.0),
    'transition': lambda film: pxtv.transition(film, film, duration=0.2),
}


def film(path: Path, space: int, extent: int, format_: str) -> str:
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=10)
        stream.height, stream.width, stream.pix_fmt = *COLOURS.shape[:2], format_
        stream.codec_context.colorspace, stream.codec_context.color_range = space, extent
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(COLOURS, format='rgb24')
            made = frame.reformat(format=format_, dst_colorspace=space, dst_color_range=extent)
            made.pts = number
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return str(path)


def colours(path: str) -> list[Any]:
    """Those at the left and the right of the first picture."""
    with av.open(path) as container:
        picture = next(container.decode(video=0)).to_image()
    return [picture.getpixel((x, picture.height // 4)) for x in (picture.width // 4, picture.width * 3 // 4)]


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize(
    ('space', 'extent', 'format_'),
    [
        (BT601, LIMITED, 'yuv420p'),
        (BT709, LIMITED, 'yuv420p'),
        (BT709, FULL, 'yuv420p'),
        (BT709, FULL, 'yuv420p10le'),
    ],
)
def test_colours_stay(change: str, space: int, extent: int, format_: str, tmp_path: Path) -> None:
    path = film(tmp_path / 'a.mp4', space, extent, format_)
    found, expected = colours(CHANGES[change](path)), colours(path)
    assert np.abs(np.subtract(found, expected)).max() <= 8
    assert np.abs(np.subtract(expected, COLOURS[0, [0, 63]])).max() <= 8


def test_a_film_of_pictures_says_what_its_colours_mean() -> None:
    stream = Stream(Fraction(10), (64, 48))
    stream.add(av.VideoFrame.from_ndarray(COLOURS, format='rgb24'), 0)
    with av.open(stream.finish()) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (SMPTE170M, LIMITED)


def test_a_film_that_does_not_say_its_colours_still_does_not(tmp_path: Path) -> None:
    path = pxtv.clip(str(films.film(tmp_path / 'a.mp4')), start_time=0.0)
    with av.open(path) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (2, 0)
