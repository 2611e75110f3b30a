"""Pictures, films and PDFs that the demo makes: drawn shapes, and texts of this project."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

COLORS = {'red': (210, 50, 45), 'green': (60, 160, 70), 'blue': (50, 90, 200), 'yellow': (235, 200, 60)}
SHAPES = ('circle', 'square', 'triangle')
KINDS = list(itertools.product(COLORS, SHAPES))
RATE = 10  # frames a second
SAMPLES = 16_000  # a second


def caption(color: str, shape: str) -> str:
    """What is said of a picture."""
    return f'a {color} {shape}'


def picture(color: str, shape: str, chance: random.Random, size: tuple[int, int] = (320, 240)) -> Any:
    """A shape somewhere on a pale ground."""
    ground = tuple(chance.randrange(190, 250) for _ in range(3))
    image = Image.new('RGB', size, ground)
    radius = chance.uniform(0.28, 0.4) * min(size)
    center = [side / 2 + chance.uniform(-0.1, 0.1) * side for side in size]
    shade = tuple(max(0, min(255, part + chance.randrange(-20, 20))) for part in COLORS[color])
    _draw(ImageDraw.Draw(image), shape, center, radius, shade)
    return image


def _draw(draw: Any, shape: str, center: Any, radius: float, color: Any) -> None:
    x, y = center
    box = [x - radius, y - radius, x + radius, y + radius]
    if shape == 'circle':
        draw.ellipse(box, color)
    elif shape == 'square':
        draw.rectangle(box, color)
    else:
        draw.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], color)


def save_pictures(folder: Path, count: int, chance: random.Random) -> None:
    """`count` pictures, each of another kind as long as there are any."""
    for number in range(count):
        color, shape = KINDS[number % len(KINDS)]
        picture(color, shape, chance).save(folder / f'{number:03}-{color}-{shape}.jpg', quality=90)


def save_film(path: Path, kinds: list[tuple[str, str]], seconds: int, chance: random.Random) -> None:
    """A film that shows one shape after the other, with a higher tone for each."""
    with av.open(str(path), 'w') as container:
        video = container.add_stream('libx264', rate=RATE)
        video.width, video.height, video.pix_fmt = 320, 240, 'yuv420p'
        audio = container.add_stream('aac', rate=SAMPLES, layout='mono')
        for number in range(seconds * RATE):
            if number % RATE == 0:  # another picture of the same kind each second
                color, shape = kinds[number * len(kinds) // (seconds * RATE)]
                shown = picture(color, shape, chance)
            frame = av.VideoFrame.from_image(shown)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, seconds * SAMPLES, 1024):
            times = np.arange(start, start + 1024) / SAMPLES
            tone = 0.2 * np.sin(2 * np.pi * (220 + 110 * (start // SAMPLES)) * times)
            sound = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], 'fltp', 'mono')
            sound.sample_rate, sound.pts, sound.time_base = SAMPLES, start, Fraction(1, SAMPLES)
            container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
