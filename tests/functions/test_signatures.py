"""The parameters of functions of media and of local models: names, order, kinds and defaults. `test_census` and
`providers/test_shared` have those of others."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from pixeltable.udf.aggregator import Aggregate

ENCODER = 'video_encoder=None, video_encoder_args=None'
DECLARED = Path(__file__).with_name('signatures.txt').read_text().replace('<ENC>', ENCODER).splitlines()


def parameters_of(function: Any) -> list[inspect.Parameter]:
    raw = getattr(function, 'raw', function)
    return [p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(raw).parameters.values()]


@pytest.mark.parametrize('declared', DECLARED, ids=[text.partition('(')[0] for text in DECLARED])
def test_signature(declared: str) -> None:
    path, _, parameters = declared.removesuffix(')').partition('(')
    module, _, name = path.partition('.')
    namespace: dict[str, Any] = {}
    exec(f'def wanted({parameters}): ...', namespace)
    wanted = parameters_of(namespace['wanted'])
    function = getattr(importlib.import_module(f'pixeltable.functions.{module}'), name)
    if isinstance(function, Aggregate):
        given = [*function.signature.parameters, *function.constants.parameters]
        assert [p.name for p in given] == [p.name for p in wanted]
    else:
        assert parameters_of(function) == wanted


TYPES = {
    'huggingface': 'CocoAnnotation CocoImageInfo CocoResponse DetrForObjectDetectionResponse DetrForSegmentationResponse '
    'QuestionAnsweringResponse Sam3VideoSegmentationFrame SamForSegmentationResponse SegmentInfo TextClassificationResponse '
    'TokenClassificationResponse VitForImageClassificationResponse',
    'openai': 'Categories CategoryAppliedInputTypes CategoryScores ImagesResponse Logprob Moderation ModerationCreateResponse '
    'TranscriptionLanguage TranscriptionResponse TranscriptionSegment TranscriptionWord TranslationResponse Usage '
    'UsageInputTokensDetails UsageOutputTokensDetails',
    'string': 'StringChunk',
    'whisper': 'WhisperSegment WhisperTranscription WhisperWord',
    'yolox': 'CocoAnnotation YoloxResponse',
}


@pytest.mark.parametrize('module', TYPES)
def test_types_of_results(module: str) -> None:
    found = importlib.import_module(f'pixeltable.functions.{module}')
    assert [name for name in TYPES[module].split() if not hasattr(found, name)] == []
