"""What golden homes hold from format 4 on of media: stored pictures and a film, what is computed from them, and frames."""

from __future__ import annotations

import io
from typing import Any


def build(pxt: Any) -> None:
    """Adds to the home."""
    from golden_functions import small  # type: ignore[import-not-found]

    from pixeltable.functions.video import frame_iterator

    film = {'type': pxt.Video | None, 'pin': True}
    photo = {'type': pxt.Image | None, 'pin': False, 'format': 'jpeg', 'quality': 85}
    t = pxt.create_table('media', {'img': pxt.Image, 'film': film, 'photo': photo})
    t.insert([{'img': _picture(number), 'film': _film() if number == 2 else None} for number in range(4)])
    t.add_computed_column(small=small(t.img))
    t.add_computed_column(corner=t.img.crop((0, 0, 4, 4)), format='bmp')
    t.add_computed_column(pale=small(t.img), format='jpeg', quality=40)
    frames = pxt.create_view('frames', t, iterator=frame_iterator(t.film, fps=2))
    frames.add_computed_column(wide=frames.frame.width)
    t.update({'img': _picture(9)}, where=t.id == 1)


def _picture(number: int) -> bytes:
    """A PNG file."""
    import PIL.Image

    file = io.BytesIO()
    PIL.Image.new('RGB', (16, 12), (number * 20, 100, 200)).save(file, 'PNG')
    return file.getvalue()


def _film() -> bytes:
    """Two seconds of an AVI file, which gets lighter."""
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, 'w', format='avi') as container:
        stream = container.add_stream('mpeg4', rate=5)
        stream.width, stream.height, stream.pix_fmt = 32, 16, 'yuv420p'
        for number in range(10):
            pixels = np.full((16, 32, 3), number * 25, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format='rgb24')))
        container.mux(stream.encode(None))
    return file.getvalue()
