from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from pixeltable.errors import RequestError
from pixeltable.media.encoding import encode
from pixeltable.media.images import open_content

MODES = ['1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'CMYK', 'YCbCr', 'LAB', 'HSV', 'I', 'F', 'I;16']


@pytest.mark.parametrize('mode', MODES)
def test_nothing_is_lost(mode: str) -> None:
    size = (31, 17)
    if mode == 'I;16':
        image = PIL.Image.fromarray(np.arange(31 * 17, dtype=np.uint16).reshape(17, 31) * 100)
    elif mode == 'LAB':
        image = PIL.Image.frombytes('LAB', size, bytes(range(256)) * 6 + bytes(31 * 17 * 3 - 1536))
    else:
        image = (
            PIL.Image.effect_noise(size, 90).convert('RGB').convert('L' if mode in ('I', 'F') else 'RGB').convert(mode)
        )
    found = open_content(encode(image)[0])
    assert (found.size, found.mode) == (image.size, image.mode)
    assert found.tobytes() == image.tobytes()
    assert found.getpalette() == image.getpalette()


def test_colours_below_full_transparency_are_kept() -> None:
    image = PIL.Image.new('RGBA', (4, 4), (10, 20, 30, 0))
    assert open_content(encode(image)[0]).getpixel((0, 0)) == (10, 20, 30, 0)


def test_a_format_that_was_asked_for() -> None:
    content, subtype = encode(PIL.Image.new('RGB', (4, 4)), 'jpeg', 50)
    assert subtype == 'jpeg'
    assert content.startswith(b'\xff\xd8\xff')


def test_an_image_without_pixels_cannot_be_stored() -> None:
    with pytest.raises(RequestError, match=r'\(0, 0\) pixels cannot be stored'):
        encode(PIL.Image.new('RGB', (0, 0)))


@pytest.mark.parametrize('part', ['image', 'image.getchannel(0)', 'image.quantize(8)', 'image.convert("I")'])
def test_what_was_made_of_an_image_with_a_clear_colour_is_kept(part: str) -> None:
    file = io.BytesIO()
    PIL.Image.effect_noise((8, 9), 90).convert('RGB').save(file, 'png', transparency=(1, 2, 3))
    image = eval(part, {'image': open_content(file.getvalue())})
    found = open_content(encode(image)[0])
    assert (found.mode, found.tobytes()) == (image.mode, image.tobytes())
    assert found.info.get('transparency') == ((1, 2, 3) if part == 'image' else None)
