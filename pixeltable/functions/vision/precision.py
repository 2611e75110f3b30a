"""The arithmetic of `eval_detections` and `mean_ap`: boxes as rows of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pixeltable.functions.vision.evaluating import DetectionEval


def hits(boxes: list[list[float]], true: list[list[float]], least: float) -> list[bool]:
    """Which of `boxes`, the best first, have a share of `least` in common with a true box that no earlier one has taken."""
    others = np.array(true, float)
    taken = np.zeros(len(others), bool)
    found = []
    for box in np.array(boxes, float):
        shares = np.where(taken, -1.0, _shares(box, others)) if len(others) else np.empty(0)
        best = int(shares.argmax()) if len(shares) else -1
        is_hit = best >= 0 and bool(shares[best] >= least)
        if is_hit:
            taken[best] = True
        found.append(is_hit)
    return found


def _shares(box: Any, others: Any) -> Any:
    """The intersections of a box with others, as shares of their unions."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return common / np.maximum(areas - common, 1e-12)


def average_precisions(evals: list[DetectionEval]) -> dict[int, float]:
    """By category, the area below precision over recall, of all pictures together."""
    found = {}
    for category in sorted({each['category'] for each in evals}):
        some = [each for each in evals if each['category'] == category]
        order = np.argsort([-score for each in some for score in each['scores']], kind='stable')
        right = np.array([value for each in some for value in each['tp']], float)[order].cumsum()
        wrong = np.array([value for each in some for value in each['fp']], float)[order].cumsum()
        total = sum(each['num_gts'] for each in some)
        found[category] = (
            _area(right / total, right / np.maximum(right + wrong, 1e-12)) if total and len(right) else 0.0
        )
    return found


def _area(recall: Any, precision: Any) -> float:
    recall = np.concatenate(([0.0], recall, [1.0]))
    precision = np.maximum.accumulate(np.concatenate(([0.0], precision, [0.0]))[::-1])[::-1]
    return float(np.sum(np.diff(recall) * precision[1:]))
