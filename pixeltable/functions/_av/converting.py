"""Frames in other sizes and formats, and as pictures.

PyAV sets up what converts for each frame, which takes several times as long as to convert it. Here each thread keeps its own.
"""

from __future__ import annotations

import threading
from typing import Any

from av.video.reformatter import VideoReformatter

ENCODED = 'yuv420p'
_UNSPECIFIED = 2
"""Of FFmpeg's numbers of colour spaces."""

_own = threading.local()


def converted(
    frame: Any, width: int | None = None, height: int | None = None, format: str | None = None, **options: Any
) -> Any:
    """The frame in another size or format."""
    if not hasattr(_own, 'reformatters'):
        _own.reformatters = {}
    name = format or frame.format.name
    reformatter = _own.reformatters.get(name) or _own.reformatters.setdefault(name, VideoReformatter())
    return reformatter.reformat(frame, width, height, format, threads=1, **options)


def encodable(frame: Any, width: int, height: int) -> Any:
    """The frame in this size, as all encoders take it: if it says what its colours mean, they are BT.601 in the limited range.

    Encoders write the colours of a frame as they are, and what they mean once a film, while films, and the frames of one that was
    put together, differ in that. PyAV converts them only if it is told to what.
    """
    is_said = frame.format.is_rgb or frame.color_range or frame.colorspace != _UNSPECIFIED
    said = {'dst_colorspace': 'ITU601', 'dst_color_range': 'MPEG'} if is_said else {}
    return converted(frame, width, height, ENCODED, **said)


def to_image(frame: Any) -> Any:
    """The frame as a Pillow image, as it was coded."""
    import PIL.Image

    found = converted(frame, format='rgb24')
    plane = found.planes[0]
    if plane.line_size < 0:  # bottom up
        return found.to_image()
    return PIL.Image.frombytes('RGB', (found.width, found.height), plane, 'raw', 'RGB', plane.line_size, 1)
