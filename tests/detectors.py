"""YOLOX models with random weights that the real package makes and saves, and that package where it cannot be imported as it is.

It lies in a folder of its own: see `yolox.txt`. All that torchvision's binary part is needed for is one operator, `nms`, which
drops boxes that overlap better ones. Where that part does not fit torch, the operator is written here; the rest is torchvision's.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(sys.prefix) / 'yolox'


@pytest.fixture
def yolox(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    pytest.importorskip('torch')
    try:
        import_torchvision()
    except ImportError:
        pytest.skip('YOLOX is not installed')
    return importlib.import_module('yolox.models')


def import_torchvision() -> None:
    """Raises ImportError if it is not there."""
    try:
        importlib.import_module('torchvision')
    except RuntimeError:
        _define_operators()
        importlib.import_module('torchvision.extension')._has_ops = lambda: True


def saved(folder: Path, label: int = 0) -> str:
    """The file of a tiny model that sees objects of one class, which is `'person'`, wherever it looks."""
    import torch
    from yolox.config import YoloxConfig

    torch.manual_seed(0)
    model = YoloxConfig.get_named_config('yolox_nano').get_model()
    with torch.no_grad():
        model.head.obj_preds[2].bias.fill_(6.0)
        model.head.cls_preds[2].bias[label] = 6.0
    path = folder / 'yolox_nano.pth'
    torch.save({'model': model.state_dict()}, path)
    return str(path)


def _define_operators() -> None:
    import torch

    for name in [name for name in sys.modules if name.partition('.')[0] == 'torchvision']:
        del sys.modules[name]
    for name in ('nms', 'qnms'):
        torch.library.define(f'torchvision::{name}', '(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor')
    torch.library.impl('torchvision::nms', 'CompositeExplicitAutograd', _nms)


def _nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    import torch

    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left, kept = scores.argsort(descending=True), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        low, high = torch.maximum(boxes[best, :2], boxes[left, :2]), torch.minimum(boxes[best, 2:], boxes[left, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        left = left[shared / (areas[best] + areas[left] - shared) <= iou_threshold]
    return torch.tensor(kept, dtype=torch.long)
