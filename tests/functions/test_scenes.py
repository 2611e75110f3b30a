"""Where scenes begin, on films whose scenes are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import numpy as np
import pytest

from pixeltable.functions import video as pxtv

pytestmark = pytest.mark.usefixtures('run_at_once')


def scene(number: int) -> Any:
    return np.full((48, 64, 3), (20, 20, 20) if number < 20 else (200, 230, 20), np.uint8)


@pytest.mark.parametrize('name', ['adaptive', 'content', 'hash'])
def test_scenes(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    patterns = [
        rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) // 3,
        rng.integers(120, 255, (48, 64, 3), dtype=np.uint8),
    ]
    path = str(films.film(tmp_path / 's.mp4', frames=40, paint=lambda n: patterns[n >= 20], options={'crf': '10'}))
    found = getattr(pxtv, f'scene_detect_{name}')(path)
    assert [each['start_time'] for each in found] == pytest.approx([0.0, 2.0])
    assert sum(each['duration'] for each in found) == pytest.approx(4.0)


def test_scenes_by_brightness(tmp_path: Path) -> None:
    path = str(films.film(tmp_path / 's.mp4', frames=40, paint=scene))
    assert [each['start_time'] for each in pxtv.scene_detect_histogram(path)] == pytest.approx([0.0, 2.0])
    fading = str(films.film(tmp_path / 'f.mp4', frames=60, paint=lambda n: scene(0) * 0 if 20 <= n < 40 else scene(40)))
    assert [each['start_time'] for each in pxtv.scene_detect_threshold(fading)] == pytest.approx([0.0, 3.0])
