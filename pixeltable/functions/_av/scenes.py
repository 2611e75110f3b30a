"""Where scenes of a film begin, by how much frames differ. The measures are those that are commonly used for it.

Frames are looked at in about 256 pixels of width: cuts are no less clear then, and it is many times as fast.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.checking import from_zero, positive
from pixeltable.functions._av.converting import converted, to_image
from pixeltable.functions._av.reading import decoded, opened, shown_until, video_stream

WIDTH = 256


@dataclass(frozen=True, slots=True)
class Look:
    """A frame that was looked at: its time in seconds, its time as the file counts it, and a small picture of it."""

    time: float
    pts: int
    image: Image.Image


@dataclass(frozen=True, slots=True)
class Weights:
    """How much changes of hue, saturation, brightness and edges count."""

    hue: float
    sat: float
    lum: float
    edges: float
    kernel: int | None

    def __post_init__(self) -> None:
        if min(self.hue, self.sat, self.lum, self.edges) < 0 or self.hue + self.sat + self.lum + self.edges == 0:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, 'the deltas are from 0, and not all of them are 0.')
        if self.kernel is not None:
            positive('kernel_size', self.kernel)


def looks(path: str, fps: float | None) -> Iterator[Look]:
    """The frames of a film, or `fps` of them a second."""
    if fps is not None:
        positive('fps', fps)
    with opened(path) as container:
        stream = video_stream(container, path)
        origin = stream.start_time or 0
        taken = 0
        for frame in decoded(container, stream):
            time = float(((frame.pts or 0) - origin) * stream.time_base)
            if fps is not None and time * fps < taken - 1e-6:
                continue
            taken += 1
            width = min(WIDTH, frame.width)
            small = converted(frame, width, max(1, frame.height * width // frame.width), 'rgb24', interpolation='AREA')
            yield Look(time, frame.pts or 0, to_image(small))


def scenes(path: str, cuts: list[Look], first: Look | None) -> list[dict[str, Any]]:
    """The scenes that begin at the start and at `cuts`; none if the film has no frames."""
    if first is None:
        return []
    starts = [first, *cuts]
    ends = [*(each.time for each in cuts), shown_until(path)]
    return [
        {'start_time': start.time, 'start_pts': start.pts, 'duration': max(0.0, stop - start.time)}
        for start, stop in zip(starts, ends, strict=True)
    ]


def differences(frames: Iterator[Look], weights: Weights) -> Iterator[tuple[Look, float]]:
    """Each frame, and how much it differs from the one before, on average over its pixels; from 0 to 255."""
    before: list[np.ndarray[Any, Any]] | None = None
    total = weights.hue + weights.sat + weights.lum + weights.edges
    factors = (weights.hue, weights.sat, weights.lum, weights.edges)
    for look in frames:
        planes = [np.asarray(band, np.int16) for band in look.image.convert('HSV').split()]
        planes[0] = planes[0] * 180 // 256  # in steps of two degrees
        if weights.edges:
            planes.append(_edges(look.image, weights.kernel))
        if before is None:
            yield look, 0.0
        else:
            changes = (np.abs(a - b).mean() * w for a, b, w in zip(planes, before, factors, strict=False) if w)
            yield look, float(sum(changes)) / total
        before = planes


def _edges(image: Image.Image, kernel: int | None) -> np.ndarray[Any, Any]:
    size = kernel or 4 + round((image.width * image.height) ** 0.5 / 192)
    found = image.convert('L').filter(ImageFilter.FIND_EDGES).point([255 if value > 48 else 0 for value in range(256)])
    return np.asarray(found.filter(ImageFilter.MaxFilter(size // 2 * 2 + 1)), np.int16)


def cuts_above(
    scores: Iterator[tuple[Look, float]], threshold: float, least: int, *, merge: bool = False
) -> tuple[list[Look], Look | None]:
    """The frames whose score reaches `threshold`, at least so many frames apart, and the first frame.

    With `merge`, of cuts that follow each other closely the last one counts, else the first one.
    """
    from_zero('threshold', threshold)
    from_zero('min_scene_len', least)
    cuts: list[Look] = []
    first: Look | None = None
    last = 0
    pending: Look | None = None
    since = 0
    for number, (look, score) in enumerate(scores):
        first = first or look
        if score >= threshold and merge and number - last < least and cuts:
            pending, since = look, number
        elif score >= threshold and number - last >= least:
            cuts.append(look)
            last = number
        if pending is not None and number - since >= least:
            cuts.append(pending)
            pending, last = None, since
    return cuts, first


def adaptive_cuts(
    scores: Iterator[tuple[Look, float]], threshold: float, least: int, window: int, floor: float
) -> tuple[list[Look], Look | None]:
    """The frames whose score is `threshold` times that of their neighbours, `window` on each side, and at least `floor`."""
    if window < 1:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'window_width is at least 1, not {window}.')
    from_zero('min_scene_len', least)
    kept: deque[tuple[Look, float]] = deque(maxlen=2 * window + 1)
    cuts: list[Look] = []
    first: Look | None = None
    last = 0
    for number, (look, score) in enumerate(scores):
        first = first or look
        kept.append((look, score))
        if len(kept) < 2 * window + 1:
            continue
        middle, value = kept[window]
        around = (sum(each for _, each in kept) - value) / (2 * window)
        ratio = value / around if around > 1e-5 else (255.0 if value >= floor else 0.0)
        if ratio >= threshold and value >= floor and number - window - last >= least:
            cuts.append(middle)
            last = number - window
    return cuts, first


def by_pairs(
    frames: Iterator[Look], measure: Callable[[Any, Any], float], of: Callable[[Look], Any]
) -> Iterator[tuple[Look, float]]:
    """Each frame with `measure` of what `of` gives for the one before and for it."""
    before = None
    for look in frames:
        now = of(look)
        yield look, 0.0 if before is None else measure(before, now)
        before = now


def histogram(look: Look, bins: int) -> np.ndarray[Any, Any]:
    """How often brightnesses occur, with a length of 1."""
    positive('bins', bins)
    counts = np.histogram(np.asarray(look.image.convert('L')), bins, (0, 256))[0].astype(float)
    return counts / (np.linalg.norm(counts) or 1.0)


def unlikeness(before: np.ndarray[Any, Any], now: np.ndarray[Any, Any]) -> float:
    """1 less the correlation of two histograms."""
    a, b = before - before.mean(), now - now.mean()
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return 1.0 - float(a @ b / size) if size else 0.0


def fingerprint(look: Look, size: int, lowpass: int) -> np.ndarray[Any, Any]:
    """Which of the lowest frequencies of the picture are above their median."""
    side = int(positive('size', size) * positive('lowpass', lowpass))
    pixels = np.asarray(look.image.convert('L').resize((side, side), Image.Resampling.BOX), float) / 255
    places = np.arange(side)
    cosines = np.cos(np.pi / side * np.outer(np.arange(size), places + 0.5))
    low = cosines @ pixels @ cosines.T
    return low > np.median(low)


def changed_share(before: np.ndarray[Any, Any], now: np.ndarray[Any, Any]) -> float:
    """The share of places in which two fingerprints differ."""
    return float(np.mean(before != now))


def fades(
    frames: Iterator[Look], threshold: float, least: int, bias: float, is_floor: bool, add_last: bool
) -> tuple[list[Look], Look | None]:
    """The frames between a fade out, below `threshold` on average (above it, if not `is_floor`), and the fade in after it."""
    from_zero('min_scene_len', least)
    if not -1.0 <= bias <= 1.0:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'fade_bias is from -1.0 to 1.0, not {bias}.')
    cuts: list[Look] = []
    first: Look | None = None
    out: tuple[int, Look] | None = None
    last, seen = 0, []
    for number, look in enumerate(frames):
        first = first or look
        seen.append(look)
        mean = float(np.asarray(look.image).mean())
        is_dark = mean < threshold if is_floor else mean >= threshold
        if is_dark and out is None:
            out = number, look
        elif not is_dark and out is not None:
            place = out[0] + round((number - out[0]) * (1.0 + bias) / 2)
            if place - last >= least and out[0] > 0:
                cuts.append(seen[min(place, number)])
                last = place
            out = None
    if add_last and out is not None and out[0] - last >= least and out[0] > 0:
        cuts.append(out[1])
    return cuts, first
