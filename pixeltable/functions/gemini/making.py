"""Images, films and speech."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.options import given
from pixeltable.functions._provider.waiting import failed, finished
from pixeltable.functions.gemini.contents import image_part
from pixeltable.functions.gemini.provider import GEMINI, asked
from pixeltable.types.pictures import image_in
from pixeltable.types.spelling import Audio, Image, Video
from pixeltable.udf.decorators import udf


@udf(is_deterministic=False, cache=True, resource_pool='gemini:{model}')
async def generate_images(prompt: str, *, model: str, config: dict[str, Any] | None = None) -> Image:
    """An image that a text describes.

        t.add_computed_column(picture=gemini.generate_images(t.text, model='gemini-2.5-flash-image'))

    Models of the Imagen family are to be had on Vertex AI only.

    Raises:
        ExternalServiceError: the provider failed.
        RequestError: UNSUPPORTED_OPERATION for Imagen elsewhere.
    """
    try:
        if model.startswith('imagen'):
            answer = await asked(
                model, lambda client: client.models.generate_images(model=model, prompt=prompt, config=config)
            )
            return image_in(answer.generated_images[0].image.image_bytes)
        asking = {'response_modalities': ['IMAGE'], **(config or {})}
        answer = await asked(
            model, lambda client: client.models.generate_content(model=model, contents=prompt, config=asking)
        )
        parts = answer.candidates[0].content.parts
        return image_in(next(part.inline_data.data for part in parts if part.inline_data))
    except (AttributeError, IndexError, StopIteration, TypeError, OSError) as error:
        raise unreadable(GEMINI.name, f'it has no image ({type(error).__name__}: {error})') from error


@udf(is_deterministic=False, cache=True, resource_pool='gemini:{model}')
async def generate_videos(
    prompt: str | None = None,
    image: Image | None = None,
    *,
    model: str,
    config: dict[str, Any] | None = None,
) -> Video:
    """A film that a text describes, that begins with an image, or that shows what up to three images show. On Vertex AI only.

        t.add_computed_column(film=gemini.generate_videos(t.text, model='veo-3.0-generate-001'))
        t.add_computed_column(film=gemini.generate_videos(t.text, images=[t.a, t.b], model='veo-3.1-generate-preview'))

    Args:
        prompt: what the film shows.
        image: its first picture. With `images`, a list of others to look at, `reference_types` says of each whether it is an
            `'asset'`, which is shown, or a `'style'`; all are assets if it is left out.
        model: the model.
        config: parameters of the API, such as `{'aspect_ratio': '16:9'}`.

    Raises:
        ExternalServiceError: the provider failed, or did not finish in ten minutes.
        RequestError: MISSING_REQUIRED without any of the two, INVALID_ARGUMENT for other than one type for each image, or
            an image that is NULL, UNSUPPORTED_OPERATION without Vertex AI.
    """
    return await _film(model, prompt, None if image is None else await _picture(image), config or {})


@generate_videos.overload
async def _(
    prompt: str | None = None,
    images: list[Image] | None = None,
    *,
    model: str,
    config: dict[str, Any] | None = None,
    reference_types: list[Literal['style', 'asset']] | None = None,
) -> Video:
    shown = images or []
    types: Sequence[str] = reference_types or ['asset'] * len(shown)
    problem = f'{len(types)} reference_types for {len(shown)} images' if len(types) != len(shown) else None
    if not {*types} <= {'asset', 'style'}:
        problem = f"each of reference_types is 'asset' or 'style', unlike {types}"
    if any(image is None for image in shown):
        problem = 'one of the images is NULL'
    if problem is not None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'generate_videos(): {problem}.')
    references = [
        {'image': await _picture(image), 'reference_type': kind} for image, kind in zip(shown, types, strict=True)
    ]
    return await _film(
        model, prompt, None, {**(config or {}), **({'reference_images': references} if references else {})}
    )


@udf(is_deterministic=False, cache=True, resource_pool='gemini:{model}')
async def generate_speech(text: str, *, model: str, voice: str, config: dict[str, Any] | None = None) -> Audio:
    """A text, read by one voice; or by several, with `voices` such as `{'Ann': 'Kore', 'Bob': 'Puck'}` for the names in the text.

    Raises:
        ExternalServiceError: the provider failed.
    """
    return await _spoken(text, model, {'voice_config': _voice(voice)}, config or {})


@generate_speech.overload
async def _(text: str, *, model: str, voices: dict[str, str], config: dict[str, Any] | None = None) -> Audio:
    each = [{'speaker': name, 'voice_config': _voice(voice)} for name, voice in voices.items()]
    speech = {'multi_speaker_voice_config': {'speaker_voice_configs': each}}
    return await _spoken(text, model, speech, config or {})


def _voice(name: str) -> dict[str, Any]:
    return {'prebuilt_voice_config': {'voice_name': name}}


async def _picture(image: Any) -> dict[str, Any]:
    inline = (await image_part(image))['inline_data']
    return {'image_bytes': inline['data'], 'mime_type': inline['mime_type']}


async def _film(model: str, prompt: str | None, image: Any, config: Mapping[str, Any]) -> str:
    if prompt is None and image is None and 'reference_images' not in config:
        raise RequestError(ErrorCode.MISSING_REQUIRED, 'generate_videos(): give a prompt, an image, or both.')
    source = given(prompt=prompt, image=image)
    begun = await asked(
        model, lambda client: client.models.generate_videos(model=model, source=source, config=dict(config) or None)
    )

    async def look() -> Any:
        found = begun if begun.done else await GEMINI.call(lambda client: client.operations.get(begun))
        if found.error:
            raise failed(GEMINI.name, found.error.get('message') or found.error)
        return found if found.done else None

    answer = (await finished(GEMINI.name, look)).response
    films = getattr(answer, 'generated_videos', None)
    if not films or films[0].video is None:
        reasons = getattr(answer, 'rai_media_filtered_reasons', None) or ['it has no film']
        raise failed(GEMINI.name, '; '.join(reasons))
    film = films[0].video
    return (
        temporary.file_of(film.video_bytes, '.mp4') if film.video_bytes else str(film.uri)
    )  # in a bucket that was asked for


async def _spoken(text: str, model: str, speech: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    asking = {
        **config,
        'response_modalities': ['AUDIO'],
        'speech_config': {**config.get('speech_config', {}), **speech},
    }
    answer = await asked(
        model, lambda client: client.models.generate_content(model=model, contents=text, config=asking)
    )
    try:
        sound = answer.candidates[0].content.parts[0].inline_data
        kind, content = str(sound.mime_type), bytes(sound.data)
    except (AttributeError, IndexError, TypeError) as error:
        raise unreadable(GEMINI.name, f'it has no sound ({type(error).__name__}: {error})') from error
    if not kind.lower().startswith(('audio/l16', 'audio/pcm')):
        return temporary.file_of(content, f'.{kind.partition("/")[2].partition(";")[0]}')
    rate = re.search(r'rate=(\d+)', kind)
    return temporary.file_of(_wav(content, int(rate[1]) if rate else 24_000), '.wav')


def _wav(samples: bytes, rate: int) -> bytes:
    """One channel of 16-bit samples as a file, which the API does not make of them."""
    buffer = io.BytesIO()
    with wave.open(buffer, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return buffer.getvalue()
