"""Where key frames stand is what a walk over all frames says of them, though few others are decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import numpy as np
import pytest

from pixeltable.functions.video.frames import positions

X264 = {'g': '29', 'bf': '3'}
FILMS: list[tuple[str, str, dict[str, str]]] = [
    ('.mp4', 'mpeg4', {'g': '17', 'bf': '2', 'sc_threshold': '1000000'}),
    ('.mp4', 'libx264', X264),
    ('.mkv', 'libx264', {**X264, 'g': '2'}),
    ('.ts', 'libx264', X264),
    ('.ts', 'libx264', {**X264, 'x264-params': 'open-gop=1'}),
    ('.ts', 'mpeg2video', {'g': '15', 'bf': '2', 'sc_threshold': '1000000'}),
    ('.webm', 'libvpx-vp9', {'g': '27'}),
]


def moving(number: int) -> Any:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    return np.roll(noise, number * 2, 1)


def among_all(path: Path) -> list[Any]:
    return [each for each in positions(str(path)) if each['key_frame']]


@pytest.mark.parametrize(('suffix', 'codec', 'options'), FILMS)
def test_key_frames_are_those_of_all_frames(suffix: str, codec: str, options: dict[str, str], tmp_path: Path) -> None:
    path = films.film(tmp_path / f'a{suffix}', frames=70, sound=False, codec=codec, options=options, paint=moving)
    found = list(positions(str(path), keyframes_only=True))
    assert found == among_all(path)
    assert len(found) > 1


@pytest.mark.parametrize('codec', ['libx264', 'mpeg2video'])
def test_a_recording_that_begins_between_key_frames(codec: str, tmp_path: Path) -> None:
    path = films.film(tmp_path / 'a.ts', frames=90, sound=False, codec=codec, options=X264, paint=moving)
    content, packet = path.read_bytes(), 188
    path.write_bytes(content[: packet * 3] + content[len(content) // packet // 4 * packet :])
    assert list(positions(str(path), keyframes_only=True)) == among_all(path) != []
    assert len(list(positions(str(path), num_frames=10))) == 10
