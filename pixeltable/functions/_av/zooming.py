"""Films seen ever closer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

from pixeltable.functions._av.applying import written
from pixeltable.functions._av.converting import to_image
from pixeltable.functions._av.sources import duration, pictures, sounds


def zoomed(
    path: str,
    scales: tuple[float, float],
    center: tuple[float, float],
    encoder: str | None,
    options: dict[str, Any] | None,
) -> str:
    """The film with its frames cut to a part around `center` that shrinks from one scale to the other, each in its old size."""
    length = duration(path) or 0.0

    def frames() -> Iterator[Any]:
        for frame in pictures(path):
            share = min(1.0, float(frame.time or 0.0) / length) if length else 1.0
            scale = scales[0] + (scales[1] - scales[0]) * share
            width, height = frame.width / scale, frame.height / scale
            x, y = (frame.width - width) * center[0], (frame.height - height) * center[1]
            image = to_image(frame).resize((frame.width, frame.height), box=(x, y, x + width, y + height))
            made = av.VideoFrame.from_image(image)
            made.pts, made.time_base = frame.pts, frame.time_base
            yield made

    return written(path, frames(), sounds(path), encoder, options)
