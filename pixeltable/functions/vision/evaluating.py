"""How good detections are."""

from __future__ import annotations

from typing import Any, TypedDict

from pixeltable.errors import ErrorCode, RequestError
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
    from pixeltable.functions.vision.precision import hits

    if len({len(pred_bboxes), len(pred_labels), len(pred_scores)}) > 1 or len(gt_bboxes) != len(gt_labels):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'eval_detections(): {len(pred_bboxes)} boxes were detected, with {len(pred_labels)} labels and {len(pred_scores)} '
            f'scores, and there are {len(gt_bboxes)} true ones, with {len(gt_labels)} labels.',
        )
    found: list[DetectionEval] = []
    for category in sorted({*pred_labels, *gt_labels}):
        mine = [place for place, label in enumerate(pred_labels) if label == category]
        mine.sort(key=lambda place: -pred_scores[place])
        true = [box for box, label in zip(gt_bboxes, gt_labels, strict=True) if label == category]
        are_right = hits([pred_bboxes[place] for place in mine], true, min_iou)
        found.append(
            {
                'min_iou': min_iou,
                'category': category,
                'tp': [int(hit) for hit in are_right],
                'fp': [int(not hit) for hit in are_right],
                'scores': [pred_scores[place] for place in mine],
                'num_gts': len(true),
            }
        )
    return found


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
        from pixeltable.functions.vision.precision import average_precisions

        return {str(category): value for category, value in average_precisions(self._evals).items()}
