"""Objects in images by YOLOX in this process. Needs the extra `yolox`.

The module is a function too: `yolox(t.img)` and `yolox(videos.frame)` are the objects, by the model of the configuration.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.config import sections
from pixeltable.functions import models
from pixeltable.functions._provider.callable_module import make_callable
from pixeltable.udf.decorators import Batch, udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image

DEFAULT_MODEL = 'yolox_s'
"""The model of `yolox(...)`, unless `model` in section `[yolox]` names another, or a local file."""

EXTRA = 'yolox'
_running = threading.Lock()


class YoloxResponse(TypedDict):
    """Boxes are `[x1, y1, x2, y2]` in pixels; labels are numbers of COCO classes, and `label_text` their names."""

    bboxes: list[list[float]]
    scores: list[float]
    labels: list[int]
    label_text: list[str]


class CocoAnnotation(TypedDict):
    """A box is `[x, y, width, height]`."""

    bbox: list[int]
    category: int


@udf(batch_size=4, cache=True)
def yolox(images: Batch[Image], *, model_id: str, threshold: float = 0.5) -> Batch[YoloxResponse]:
    """The objects in an image whose scores are at least `threshold`.

        t.add_computed_column(objects=yolox(t.img, model_id='yolox_s'))

    Args:
        images: the image.
        model_id: `'yolox_nano'`, `'yolox_tiny'`, `'yolox_s'`, `'yolox_m'`, `'yolox_l'` or `'yolox_x'`, whose weights are fetched
            when they are first needed; or the path of a local file of weights that is called after one of these, such as
            `'/models/yolox_s.pth'`.
        threshold: from 0 to 1.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, model = require('torch', EXTRA), _model(model_id)
    pictures = [image.convert('RGB') for image in images]
    with _running, torch.inference_mode():
        output = model.module(model.processor(pictures).to(models.best_device()))
        found = model.processor.postprocess(pictures, output.cpu(), threshold=threshold)
    names = require('yolox.data.datasets', EXTRA).COCO_CLASSES
    return [_response(each, names) for each in found]


def _response(found: Any, names: Any) -> YoloxResponse:
    labels = list(found['labels'])
    return {
        'bboxes': [list(box) for box in found['bboxes']],
        'scores': list(found['scores']),
        'labels': labels,
        'label_text': [names[label] for label in labels],
    }


@udf
def yolo_to_coco(detections: dict[str, Any]) -> list[CocoAnnotation]:
    """What `yolox` found, in the form of COCO, in whole pixels."""
    boxes = zip(detections['bboxes'], detections['labels'], strict=True)
    return [
        {'bbox': [round(x1), round(y1), round(x2 - x1), round(y2 - y1)], 'category': label}
        for (x1, y1, x2, y2), label in boxes
    ]


def call_module(*images: Any, model_id: str | None = None, **options: Any) -> Any:
    """The objects in an image, or in each of a list of images, by the model of the configuration unless one is named."""
    return yolox(*images, model_id=model_id or sections.value('yolox', 'model') or DEFAULT_MODEL, **options)


def _model(model_id: str) -> Any:
    package, config = require('yolox.models', EXTRA), require('yolox.config', EXTRA)

    def load(place: str) -> Any:
        kind = config.YoloxConfig.get_named_config(Path(place).stem)
        if kind is None:
            raise ValueError('neither it nor the name of its file is that of a kind of YOLOX')
        return package.Yolox.from_pretrained(place, kind, models.best_device())

    return models.load_once('yolox', model_id, load)


make_callable(__name__)
