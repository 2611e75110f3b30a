"""Frames as pictures: the same as PyAV makes of them, whatever their size and format, in any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest

from pixeltable.functions._av.converting import converted, to_image

FORMATS = ['yuv420p', 'yuv444p', 'rgb24', 'gray', 'rgba', 'nv12', 'yuv420p10le']


def frame(format_: str, width: int, height: int) -> av.VideoFrame:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    made = av.VideoFrame.from_ndarray(pixels, format='rgb24')
    return made if format_ == 'rgb24' else made.reformat(format=format_)


@pytest.mark.parametrize('format_', FORMATS)
@pytest.mark.parametrize('size', [(64, 48), (62, 46), (33, 17), (1, 1)])
def test_the_same_picture(format_: str, size: tuple[int, int]) -> None:
    given = frame(format_, *size)
    assert to_image(given).tobytes() == given.to_image().tobytes()


def test_sizes_and_formats_in_turn() -> None:
    given = frame('yuv420p', 64, 48)
    for width, height, format_ in [
        (32, 24, None),
        (64, 48, 'rgb24'),
        (20, 10, 'rgb24'),
        (64, 48, None),
        (16, 8, 'gray'),
    ]:
        found = converted(given, width, height, format_)
        assert (found.width, found.height, found.format.name) == (width, height, format_ or 'yuv420p')


def test_threads_convert_side_by_side() -> None:
    given = [frame('yuv420p', 64 + 2 * number, 48) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: to_image(each).tobytes(), given))
    assert found == [each.to_image().tobytes() for each in given]
