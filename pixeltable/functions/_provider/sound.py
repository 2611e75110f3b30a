"""Sound as models of speech take it."""

from __future__ import annotations

from typing import Any

from pixeltable.errors import ErrorCode, RequestError


def samples(path: str, rate: int = 16_000) -> Any:
    """The sound of a file as one channel of float32 from -1 to 1, `rate` samples a second.

    Raises INVALID_DATA_FORMAT for a file without sound that can be read.
    """
    import av
    import numpy as np

    from pixeltable.functions._av.reading import decoded

    try:
        with av.open(path) as container:
            resampler = av.AudioResampler(format='flt', layout='mono', rate=rate)
            parts = [
                piece.to_ndarray()[0]
                for frame in (*decoded(container, container.streams.audio[0]), None)
                for piece in resampler.resample(frame)
            ]
    except (OSError, IndexError, ValueError) as error:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'the sound of {path!r} cannot be read: {error}.') from error
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
