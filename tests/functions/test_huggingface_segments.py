"""SAM and SAM 3, tiny ones with random weights that the real library makes and saves, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import detectors
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / 'sams.py'


def test_things_in_an_image_and_a_film() -> None:
    pytest.importorskip('transformers')
    if not (detectors.FOLDER / 'torchvision').exists():
        pytest.skip('torchvision is not installed')
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found['text'] == found['boxes'] == {'scores': [5], 'boxes': [5, 4], 'masks': [5, 30, 20]}
    things = found['everything']['scores'][0]
    assert found['everything'] == {'scores': [things], 'boxes': [things, 4], 'masks': [things, 30, 20]}
    first, second = found['film']  # the first frame, and one in which it is tracked
    assert first == {'object_ids': [2], 'labels': [2], 'scores': [2], 'boxes': [2, 4], 'masks': [2, 48, 64]}
    assert second['masks'][1:] == [48, 64]
