"""Speech to text by OpenAI's Whisper in this process. Needs the extra `whisper`.

The module is a function too: `whisper(t.audio)` is the text, by the model of the configuration.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from pixeltable._support.optional import require
from pixeltable.config import sections
from pixeltable.functions import models
from pixeltable.functions._provider.callable_module import make_callable
from pixeltable.functions._provider.sound import samples
from pixeltable.types.spelling import Audio
from pixeltable.udf.decorators import udf

DEFAULT_MODEL = 'base'
"""The model of `whisper(...)`, unless `model` in section `[whisper]` names another, or a local file."""

_running = threading.Lock()


class WhisperWord(TypedDict):
    word: str
    start: float
    end: float
    probability: float


class WhisperSegment(TypedDict):
    id: int
    seek: int
    start: float
    end: float
    text: str
    tokens: list[int]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: NotRequired[list[WhisperWord]]


class WhisperTranscription(TypedDict):
    text: str
    segments: list[WhisperSegment]
    language: str


@udf(cache=True)
def transcribe(
    audio: Audio,
    *,
    model: str,
    temperature: Sequence[float] | None = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    compression_ratio_threshold: float | None = 2.4,
    logprob_threshold: float | None = -1.0,
    no_speech_threshold: float | None = 0.6,
    condition_on_previous_text: bool = True,
    initial_prompt: str | None = None,
    word_timestamps: bool = False,
    prepend_punctuations: str = '"\'“¿([{-',
    append_punctuations: str = '"\'.。,，!！?？:：”)]}、',
    decode_options: dict[str, Any] | None = None,
) -> WhisperTranscription:
    """What is said in a recording: the text, its segments with times in seconds, and the language.

    Args:
        audio: the recording.
        model: the name of a model of Whisper, or the path of its file.
        temperature: of sampling; the next is tried where a segment turns out badly.
        compression_ratio_threshold: a segment that can be compressed further than this is bad.
        logprob_threshold: a segment whose mean log probability is below this is bad.
        no_speech_threshold: a bad segment whose probability of silence is above this is silence.
        condition_on_previous_text: whether the text so far is the prompt for what follows.
        initial_prompt: the prompt for the beginning.
        word_timestamps: whether each word has its times.
        prepend_punctuations: signs that belong to the next word.
        append_punctuations: signs that belong to the word before.
        decode_options: options of Whisper's decoding, such as `{'language': 'en'}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model,
            INVALID_DATA_FORMAT for a file without sound.
    """
    loaded = _model(model)
    with _running:
        found: WhisperTranscription = loaded.transcribe(
            samples(audio),
            verbose=None,
            temperature=(0.0,) if temperature is None else tuple(temperature),
            compression_ratio_threshold=compression_ratio_threshold,
            logprob_threshold=logprob_threshold,
            no_speech_threshold=no_speech_threshold,
            condition_on_previous_text=condition_on_previous_text,
            initial_prompt=initial_prompt,
            word_timestamps=word_timestamps,
            prepend_punctuations=prepend_punctuations,
            append_punctuations=append_punctuations,
            **{'fp16': loaded.device.type == 'cuda', **(decode_options or {})},
        )
    return found


def call_module(*audio: Any, model: str | None = None, **options: Any) -> Any:
    """The text of a recording, by the model of the configuration unless one is named; options are those of `transcribe`."""
    return transcribe(*audio, model=model or sections.value('whisper', 'model') or DEFAULT_MODEL, **options).text


def _model(name: str) -> Any:
    package = require('whisper', 'whisper')
    return models.load_once('whisper', name, package.load_model)


make_callable(__name__)
