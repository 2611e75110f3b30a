"""Speech from text, and text from speech."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, TypedDict

from pixeltable._support import temporary
from pixeltable.functions._provider import requests
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions.openai.provider import OPENAI
from pixeltable.types.spelling import Audio
from pixeltable.udf.decorators import udf


class TranscriptionWord(TypedDict):
    word: str
    start: float
    end: float


class TranscriptionSegment(TypedDict, total=False):
    id: Any  # a number, or 'seg_001' where speakers are told apart
    seek: int
    start: float
    end: float
    text: str
    tokens: list[int]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


class Logprob(TypedDict, total=False):
    token: str | None
    bytes: list[float] | None
    logprob: float | None


class TranscriptionLanguage(TypedDict):
    code: str


class TranscriptionResponse(TypedDict, total=False):
    """Which fields there are depends on the model and on `response_format`."""

    text: str
    srt: str
    vtt: str
    languages: list[TranscriptionLanguage] | None
    logprobs: list[Logprob] | None
    duration: float
    language: str
    segments: list[TranscriptionSegment] | None
    words: list[TranscriptionWord] | None
    usage: dict[str, Any] | None


class TranslationResponse(TypedDict, total=False):
    """Which fields there are depends on `response_format`."""

    text: str
    srt: str
    vtt: str
    duration: float
    language: str
    segments: list[TranscriptionSegment] | None


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def speech(input: str, *, model: str, voice: str, model_kwargs: dict[str, Any] | None = None) -> Audio:
    """The text read aloud: a file in the `response_format` of `model_kwargs`, MP3 unless it says another.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = {'input': input, 'model': model, 'voice': voice, **(model_kwargs or {})}
    response = await requests.post(OPENAI, '/audio/speech', body)
    if not response.content:
        raise unreadable(OPENAI.name, 'it is empty')
    OPENAI.used(model, None, None, headers=response.headers)
    return temporary.file_of(response.content, f'.{body.get("response_format", "mp3")}')


@udf(cache=True, resource_pool='openai:{model}')
async def transcriptions(
    audio: Audio, *, model: str, model_kwargs: dict[str, Any] | None = None
) -> TranscriptionResponse:
    """What is said in a recording, in its language: the provider's answer; with `response_format` srt or vtt only that text.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _heard('/audio/transcriptions', audio, model, model_kwargs or {})  # type: ignore[return-value]


@udf(cache=True, resource_pool='openai:{model}')
async def translations(audio: Audio, *, model: str, model_kwargs: dict[str, Any] | None = None) -> TranslationResponse:
    """What is said in a recording, in English: the provider's answer; with `response_format` srt or vtt only that text.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _heard('/audio/translations', audio, model, model_kwargs or {})  # type: ignore[return-value]


async def _heard(path: str, audio: str, model: str, options: dict[str, Any]) -> dict[str, Any]:
    content = await asyncio.to_thread(Path(audio).read_bytes)
    body = {'model': model, **options}
    files = [('file', (os.path.basename(audio), content))]
    format = options.get('response_format', 'json')  # noqa: A001
    if format in ('text', 'srt', 'vtt'):
        response = await requests.post(OPENAI, path, body, files)
        OPENAI.used(model, None, None, headers=response.headers)
        return {format: response.text}
    answer = await requests.ask(OPENAI, path, body, files)
    if not isinstance(answer.get('text'), str):
        raise unreadable(OPENAI.name, 'it has no text')
    return answer
