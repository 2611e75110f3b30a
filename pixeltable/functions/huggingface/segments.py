"""Models that say which pixels belong to what: DETR, and SAM 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.functions.huggingface.images import rgb, sizes
from pixeltable.functions.huggingface.loading import EXTRA, label, load, running
from pixeltable.udf.decorators import Batch, udf

if TYPE_CHECKING:
    Boxes = Any
    Image = Any
    Masks = Any
    Pixels = Any
    Scores = Any
else:
    from pixeltable.types.spelling import Array, Bool, Float, Image, Int

    Pixels, Scores = Array[(None, None), Int], Array[(None,), Float]
    Boxes, Masks = Array[(None, 4), Float], Array[(None, None, None), Bool]

SAM = 'facebook/sam3'


class SegmentInfo(TypedDict):
    """`id` is the number of the segment's pixels; `was_fused` says whether several things of the class are one segment."""

    id: int
    label_id: int
    label_text: str
    score: float
    was_fused: bool


class DetrForSegmentationResponse(TypedDict):
    """`segmentation` has the shape of the image, `(height, width)`, and for each pixel the id of its segment, or -1."""

    segmentation: Pixels
    segments_info: list[SegmentInfo]


class SamForSegmentationResponse(TypedDict):
    """Boxes are `[x1, y1, x2, y2]` in pixels; masks have the shape `(things, height, width)`."""

    scores: Scores
    boxes: Boxes
    masks: Masks


@udf(batch_size=4, cache=True)
def detr_for_segmentation(
    image: Batch[Image], *, model_id: str, threshold: float = 0.5
) -> Batch[DetrForSegmentationResponse]:
    """What each pixel of an image belongs to, of things whose scores are above `threshold`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('DetrForSegmentation', 'AutoImageProcessor', model_id)
    inputs = loaded.tensors(images=rgb(image))
    with running, torch.inference_mode():
        output = loaded.model(**inputs)
        found = loaded.processor.post_process_panoptic_segmentation(
            output, threshold=threshold, target_sizes=sizes(image), label_ids_to_fuse=set()
        )
    return [
        {
            'segmentation': each['segmentation'].to(torch.int64).cpu().numpy(),
            'segments_info': [_segment(loaded.model, info) for info in each['segments_info']],
        }
        for each in found
    ]


def _segment(model: Any, info: Any) -> SegmentInfo:
    number = int(info['label_id'])
    return {
        'id': int(info['id']),
        'label_id': number,
        'label_text': label(model, number),
        'score': float(info['score']),
        'was_fused': bool(info['was_fused']),
    }


@udf(cache=True)
def sam3_for_segmentation(
    image: Image,
    *,
    model_id: str = SAM,
    text: str | None = None,
    input_boxes: list[list[float]] | None = None,
    input_boxes_labels: list[int] | None = None,
    threshold: float = 0.5,
    mask_threshold: float = 0.5,
    revision: str | None = None,
) -> SamForSegmentationResponse:
    """All things in an image that a text or boxes ask for.

    Args:
        image: the image.
        model_id: a model such as SAM 3.
        text: what is looked for, such as `'yellow bus'`.
        input_boxes: examples of it, or what it is not, each `[x1, y1, x2, y2]` in pixels.
        input_boxes_labels: for each box 1 if it shows what is looked for, 0 if not.
        threshold: of the score of a thing.
        mask_threshold: from which a pixel belongs to it.
        revision: of the model, on the hub.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('Sam3Model', 'Sam3Processor', model_id, revision)
    asked: dict[str, Any] = {} if text is None else {'text': text}
    if input_boxes is not None:
        asked['input_boxes'] = [input_boxes]
        asked['input_boxes_labels'] = [input_boxes_labels or [1] * len(input_boxes)]
    with running, torch.inference_mode():
        output = loaded.model(**loaded.tensors(images=rgb([image]), **asked))
        found = loaded.processor.post_process_instance_segmentation(
            output, threshold=threshold, mask_threshold=mask_threshold, target_sizes=sizes([image])
        )[0]
    return _things(found['scores'], found['boxes'], found['masks'], sizes([image])[0])


@udf(cache=True)
def sam_automatic_mask_generation(
    image: Image,
    *,
    model_id: str = SAM,
    points_per_batch: int = 64,
    points_per_crop: int = 32,
    pred_iou_thresh: float = 0.7,
    stability_score_thresh: float = 0.95,
    crops_n_layers: int = 0,
    revision: str | None = None,
) -> SamForSegmentationResponse:
    """Everything in an image that a model such as SAM can tell from the rest, asked at a grid of points.

    Args:
        image: the image.
        model_id: a model such as SAM, SAM 2 or SAM 3.
        points_per_batch: how many points are asked at once.
        points_per_crop: points on each side of the grid.
        pred_iou_thresh: the least quality that the model expects of its own mask.
        stability_score_thresh: how much of a mask stays if its threshold is moved.
        crops_n_layers: how often the image is cut into parts that are looked at, too.
        revision: of the model, on the hub.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForMaskGeneration', 'AutoProcessor', model_id, revision)
    pipeline = require('transformers', EXTRA).MaskGenerationPipeline
    with running:
        generate = pipeline(
            model=loaded.model, image_processor=loaded.processor.image_processor, device=torch.device(loaded.device)
        )
        found = generate(
            rgb([image])[0],
            points_per_batch=points_per_batch,
            points_per_crop=points_per_crop,
            pred_iou_thresh=pred_iou_thresh,
            stability_score_thresh=stability_score_thresh,
            crops_n_layers=crops_n_layers,
            output_bboxes_mask=True,
        )
    return _things(found['scores'], found['bounding_boxes'], found['masks'], sizes([image])[0])


def _things(scores: Any, boxes: Any, masks: Any, size: tuple[int, int]) -> SamForSegmentationResponse:
    import numpy as np

    def plain(values: Any) -> Any:
        return [value.cpu().numpy() if hasattr(value, 'cpu') else np.asarray(value) for value in values]

    return {
        'scores': np.asarray(plain(scores), np.float32).reshape(-1),
        'boxes': np.asarray(plain(boxes), np.float32).reshape(-1, 4),
        'masks': np.asarray(plain(masks), bool).reshape(-1, *size),
    }
