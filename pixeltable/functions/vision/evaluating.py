"""How good detections are."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from pixeltable.udf.aggregator import Aggregator
from pixeltable.udf.decorators import udf
from pixeltable.udf.uda import uda


class DetectionEval(TypedDict):
    """Of one picture and category: for each detection, by falling score, whether it is right (`tp`) or wrong (`fp`)."""

    min_iou: float
    category: int
    tp: list[int]
    fp: list[int]
    scores: list[float]
    num_gts: int


@udf
def eval_detections(
    pred_bboxes: list[list[float]],
    pred_labels: list[int],
    pred_scores: list[float],
    gt_bboxes: list[list[float]],
    gt_labels: list[int],
    min_iou: float = 0.5,
) -> list[DetectionEval]:
    """Compares detected boxes (left, top, right, bottom) with the true ones, category by category.

    A detection is right if it and a true box, which no better one has taken, have a share of `min_iou` of their union in common.
    """
    found: list[DetectionEval] = []
    for category in sorted({*pred_labels, *gt_labels}):
        mine = [place for place, label in enumerate(pred_labels) if label == category]
        mine.sort(key=lambda place: -pred_scores[place])
        true = np.array([box for box, label in zip(gt_bboxes, gt_labels, strict=True) if label == category], float)
        hits = _hits(np.array([pred_bboxes[place] for place in mine], float), true, min_iou)
        found.append(
            {
                'min_iou': min_iou,
                'category': category,
                'tp': [int(hit) for hit in hits],
                'fp': [int(not hit) for hit in hits],
                'scores': [pred_scores[place] for place in mine],
                'num_gts': len(true),
            }
        )
    return found


def _hits(boxes: Any, true: Any, least: float) -> list[bool]:
    taken = np.zeros(len(true), bool)
    hits = []
    for box in boxes:
        shares = np.where(taken, -1.0, _shares(box, true)) if len(true) else np.empty(0)
        best = int(shares.argmax()) if len(shares) else -1
        is_hit = best >= 0 and bool(shares[best] >= least)
        if is_hit:
            taken[best] = True
        hits.append(is_hit)
    return hits


def _shares(box: Any, others: Any) -> Any:
    """The intersections of a box with others, as shares of their unions."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return common / np.maximum(areas - common, 1e-12)


@uda
class mean_ap(Aggregator):  # noqa: N801  it is used as a function
    """By category, the average precision of the results of `eval_detections` for all pictures of a group."""

    def __init__(self) -> None:
        self._evals: list[DetectionEval] = []

    def update(self, eval_dicts: list[dict[str, Any]]) -> None:
        """Adds the results of a picture."""
        self._evals += eval_dicts  # type: ignore[arg-type]

    def value(self) -> dict[str, Any]:
        """The averages of the pictures so far, by category."""
        return {str(category): value for category, value in average_precisions(self._evals).items()}


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
