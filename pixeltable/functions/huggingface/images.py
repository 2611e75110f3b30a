"""Models that look at images."""

from __future__ import annotations

from typing import Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.functions._provider.embedding import Vector, vector
from pixeltable.functions.huggingface.loading import EXTRA, Loaded, bounded, label, load, load_part, running
from pixeltable.types.column_type import ColumnType
from pixeltable.types.spelling import Image
from pixeltable.udf.decorators import Batch, udf


class DetrForObjectDetectionResponse(TypedDict):
    """Boxes are `[x1, y1, x2, y2]` in pixels."""

    scores: list[float]
    labels: list[int]
    label_text: list[str]
    boxes: list[list[float]]


class VitForImageClassificationResponse(TypedDict):
    """The likeliest class comes first."""

    scores: list[float]
    labels: list[int]
    label_text: list[str]


class CocoImageInfo(TypedDict):
    width: int
    height: int


class CocoAnnotation(TypedDict):
    """A box is `[x, y, width, height]`."""

    bbox: list[float]
    category: int


class CocoResponse(TypedDict):
    image: CocoImageInfo
    annotations: list[CocoAnnotation]


def _clip(model_id: str) -> Loaded:
    return load('CLIPModel', 'CLIPProcessor', model_id)


def _features(found: Any) -> list[Any]:
    """Since version 5 an object holds the features."""
    return list(getattr(found, 'pooler_output', found).float().cpu().numpy())


@udf(batch_size=32, cache=True)
def clip(text: Batch[str], *, model_id: str) -> Batch[Vector]:
    """Embeddings of texts or of images by a CLIP model: those of an image and of a text that describes it are near.

        t.add_embedding_index('img', embedding=clip.using(model_id='openai/clip-vit-base-patch32'))

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), _clip(model_id)
    with running, torch.inference_mode():
        inputs = loaded.tensors(text=list(text), padding=True, truncation=True)
        return _features(loaded.model.get_text_features(**inputs))


@clip.overload
def _(image: Batch[Image], *, model_id: str) -> Batch[Vector]:
    torch, loaded = require('torch', EXTRA), _clip(model_id)
    inputs = loaded.tensors(images=rgb(image))
    with running, torch.inference_mode():
        return _features(loaded.model.get_image_features(**inputs))


@clip.conditional_return_type
def _(model_id: str) -> ColumnType:
    return vector(_clip(model_id).model.config.projection_dim)


@udf(batch_size=4, cache=True)
def detr_for_object_detection(
    image: Batch[Image], *, model_id: str, threshold: float = 0.5, revision: str | None = None
) -> Batch[DetrForObjectDetectionResponse]:
    """The objects in an image whose scores are above `threshold`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch = require('torch', EXTRA)
    loaded = load('AutoModelForObjectDetection', 'AutoImageProcessor', model_id, revision)
    inputs = loaded.tensors(images=rgb(image))
    with running, torch.inference_mode():
        output = loaded.model(**inputs)
        found = loaded.processor.post_process_object_detection(output, threshold=threshold, target_sizes=sizes(image))
    return [_detected(loaded.model, each) for each in found]


def rgb(images: list[Any]) -> list[Any]:
    """The images as models take them."""
    return [image.convert('RGB') for image in images]


def sizes(images: list[Any]) -> list[tuple[int, int]]:
    """Height and width of each image."""
    return [(image.height, image.width) for image in images]


def _detected(model: Any, found: Any) -> DetrForObjectDetectionResponse:
    labels = found['labels'].tolist()
    return {
        'scores': found['scores'].tolist(),
        'labels': labels,
        'label_text': [label(model, number) for number in labels],
        'boxes': found['boxes'].tolist(),
    }


@udf(batch_size=4, cache=True)
def vit_for_image_classification(
    image: Batch[Image], *, model_id: str, top_k: int = 5
) -> Batch[VitForImageClassificationResponse]:
    """The `top_k` likeliest classes of an image.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForImageClassification', 'AutoImageProcessor', model_id)
    inputs = loaded.tensors(images=rgb(image))
    with running, torch.inference_mode():
        output = loaded.model(**inputs)
        best = output.logits.softmax(-1).topk(min(top_k, output.logits.shape[-1]))
    scores, labels = best.values.tolist(), best.indices.tolist()
    return [
        {'scores': s, 'labels': n, 'label_text': [label(loaded.model, each) for each in n]}
        for s, n in zip(scores, labels, strict=True)
    ]


@udf(batch_size=4, cache=True)
def image_captioning(image: Batch[Image], *, model_id: str, model_kwargs: dict[str, Any] | None = None) -> Batch[str]:
    """What an image shows, in words. `model_kwargs` are parameters of `generate`, such as `{'max_new_tokens': 20}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), load('AutoModelForImageTextToText', 'AutoImageProcessor', model_id)
    tokenizer = load_part('AutoTokenizer', model_id)
    inputs = loaded.tensors(images=rgb(image))
    with running, torch.inference_mode():
        written = loaded.model.generate(**inputs, **bounded(loaded.model, model_kwargs or {}))
        texts: list[str] = tokenizer.batch_decode(written, skip_special_tokens=True)
    return [text.strip() for text in texts]


@udf
def detr_to_coco(image: Image, detr_info: dict[str, Any]) -> CocoResponse:
    """What `detr_for_object_detection` found, in the form of COCO."""
    boxes = zip(detr_info['boxes'], detr_info['labels'], strict=True)
    annotations: list[CocoAnnotation] = [
        {'bbox': [x1, y1, x2 - x1, y2 - y1], 'category': number} for (x1, y1, x2, y2), number in boxes
    ]
    height, width = sizes([image])[0]
    return {'image': {'width': width, 'height': height}, 'annotations': annotations}
