"""Models of the Hugging Face hub that run in this process. Needs `pip install 'pixeltable[huggingface]'`.

The packages are imported when a function first runs, because torch alone takes seconds.
"""

from __future__ import annotations

import functools
import json
import threading
from pathlib import Path
from typing import Annotated, Any

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions import models
from pixeltable.functions.huggingface.answers import (
    QuestionAnsweringResponse,
    question_answering,
)
from pixeltable.functions.huggingface.diffusion import image_to_image, image_to_video, text_to_image
from pixeltable.functions.huggingface.images import (
    CocoAnnotation,
    CocoImageInfo,
    CocoResponse,
    DetrForObjectDetectionResponse,
    VitForImageClassificationResponse,
    clip,
    detr_for_object_detection,
    detr_to_coco,
    image_captioning,
    vit_for_image_classification,
)
from pixeltable.functions.huggingface.loading import given_options
from pixeltable.functions.huggingface.segments import (
    DetrForSegmentationResponse,
    SamForSegmentationResponse,
    SegmentInfo,
    detr_for_segmentation,
    sam3_for_segmentation,
    sam_automatic_mask_generation,
)
from pixeltable.functions.huggingface.seq2seq import summarization, translation
from pixeltable.functions.huggingface.speech import (
    automatic_speech_recognition,
    speech2text_for_conditional_generation,
    text_to_speech,
)
from pixeltable.functions.huggingface.texts import (
    TextClassificationResponse,
    TokenClassificationResponse,
    cross_encoder,
    text_classification,
    text_generation,
    token_classification,
)
from pixeltable.functions.huggingface.tracking import (
    Sam3VideoSegmentationFrame,
    sam3_for_video_segmentation,
)
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.udf.decorators import Batch, udf

__all__ = [
    'CocoAnnotation',
    'CocoImageInfo',
    'CocoResponse',
    'DetrForObjectDetectionResponse',
    'DetrForSegmentationResponse',
    'QuestionAnsweringResponse',
    'Sam3VideoSegmentationFrame',
    'SamForSegmentationResponse',
    'SegmentInfo',
    'TextClassificationResponse',
    'TokenClassificationResponse',
    'VitForImageClassificationResponse',
    'automatic_speech_recognition',
    'clip',
    'cross_encoder',
    'detr_for_object_detection',
    'detr_for_segmentation',
    'detr_to_coco',
    'image_captioning',
    'image_to_image',
    'image_to_video',
    'question_answering',
    'sam3_for_segmentation',
    'sam3_for_video_segmentation',
    'sam_automatic_mask_generation',
    'sentence_transformer',
    'speech2text_for_conditional_generation',
    'summarization',
    'text_classification',
    'text_generation',
    'text_to_image',
    'text_to_speech',
    'token_classification',
    'translation',
    'vit_for_image_classification',
]


def _vector(length: int | None) -> ColumnType:
    return ColumnType(Kind.ARRAY, detail=ArrayShape((length,), 'float32'))


Vector = Annotated[Any, _vector(None)]

_EXTRA = 'huggingface'
_TEXTS_AT_ONCE = 128
_TEXTS_AT_ONCE_ON_PROCESSORS = 16  # measured on two cores: small batches of sorted texts waste less on padding

# A tokenizer must not be used by two threads at a time, and torch uses all cores for one call anyway.
_encoding = threading.Lock()


@udf(batch_size=128, cache=True)
def sentence_transformer(sentence: Batch[str], *, model_id: str, normalize_embeddings: bool = False) -> Batch[Vector]:
    """Embeddings of texts by a sentence-transformers model.

    Args:
        model_id: a name on the hub such as `'all-MiniLM-L6-v2'`, a local folder, or a model that an installed package carries.
        normalize_embeddings: scale each embedding to length 1.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    model = _sentence_transformer(model_id)
    with _encoding:
        vectors = model.encode(
            sentence,
            batch_size=_TEXTS_AT_ONCE_ON_PROCESSORS if model.device.type == 'cpu' else _TEXTS_AT_ONCE,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=normalize_embeddings,
        )
    return list(vectors)


@sentence_transformer.conditional_return_type
def _(model_id: str) -> ColumnType:
    return _vector(_embedding_length(models.location(model_id)))


def _sentence_transformer(model_id: str) -> Any:
    package = require('sentence_transformers', _EXTRA)
    return models.load_once(
        'sentence_transformer', model_id, lambda place: package.SentenceTransformer(place, **given_options())
    )


@functools.cache
def _embedding_length(place: str) -> int:
    """The length of the model's embeddings: from its configuration files if they say it, else from the loaded model."""
    found = _configured_length(Path(place))
    if found is None:
        model = _sentence_transformer(place)
        # The method was renamed in version 5.
        measure = getattr(model, 'get_embedding_dimension', None) or model.get_sentence_embedding_dimension
        found = measure()
    if not isinstance(found, int):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the model {place!r} has no fixed embedding length.')
    return found


def _configured_length(folder: Path) -> int | None:
    """What `modules.json` and the files it points to say, as far as their form is known; None if they do not."""
    modules = _read(folder / 'modules.json')
    if not isinstance(modules, list):
        return None
    found: int | None = None
    for module in modules:
        config = _read(folder / module['path'] / 'config.json')
        kind = module['type'].rpartition('.')[2]
        if kind == 'Transformer':
            found = config.get('hidden_size')
        elif kind in ('Pooling', 'Dense'):
            found = _pooled(config) if kind == 'Pooling' else config.get('out_features')
        elif kind not in ('Normalize', 'Dropout', 'LayerNorm'):
            return None
    return found


def _pooled(config: dict[str, Any]) -> int | None:
    """Several ways of pooling are put one after the other."""
    modes = sum(value is True for key, value in config.items() if key.startswith('pooling_mode_'))
    length = config.get('word_embedding_dimension')
    return length * modes if length and modes else None


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
