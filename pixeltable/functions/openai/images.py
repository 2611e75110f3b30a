"""Images made and changed by models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pixeltable.functions._provider import requests
from pixeltable.functions._provider.images import encoded
from pixeltable.functions._provider.received import received_images
from pixeltable.functions.openai.provider import OPENAI
from pixeltable.types.spelling import Image
from pixeltable.udf.decorators import udf


class UsageInputTokensDetails(TypedDict):
    image_tokens: int
    text_tokens: int


class UsageOutputTokensDetails(TypedDict):
    image_tokens: int
    text_tokens: int


class Usage(TypedDict):
    input_tokens: int
    input_tokens_details: UsageInputTokensDetails | None
    output_tokens: int
    total_tokens: int
    output_tokens_details: UsageOutputTokensDetails | None


class ImagesResponse(TypedDict):
    """The images, and what the provider says about them."""

    created: int
    data: list[Image]
    usage: Usage | None
    background: str | None
    output_format: str | None
    quality: str | None
    size: str | None
    safety_identifier: NotRequired[str | None]


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def image_generations(prompt: str, *, model: str, model_kwargs: dict[str, Any] | None = None) -> ImagesResponse:
    """Images that a text describes, as in `t.made.data[0]`.

    Raises:
        ExternalServiceError: the provider failed.
    """
    body = _body(model, model_kwargs, prompt=prompt)
    return await _made(await requests.ask(OPENAI, '/images/generations', body))


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def image_edits(
    image: Image, *, prompt: str, model: str, mask: Image | None = None, model_kwargs: dict[str, Any] | None = None
) -> ImagesResponse:
    """An image changed as a text says, where `mask` is transparent if there is one.

    Raises:
        ExternalServiceError: the provider failed.
    """
    files = [_file('image', image), *([] if mask is None else [_file('mask', mask)])]
    body = _body(model, model_kwargs, prompt=prompt)
    return await _made(await requests.ask(OPENAI, '/images/edits', body, files))


@udf(is_deterministic=False, cache=True, resource_pool='openai:{model}')
async def image_variations(image: Image, *, model: str, model_kwargs: dict[str, Any] | None = None) -> ImagesResponse:
    """Images similar to one.

    Raises:
        ExternalServiceError: the provider failed.
    """
    files = [_file('image', image)]
    return await _made(await requests.ask(OPENAI, '/images/variations', _body(model, model_kwargs), files))


def _body(model: str, model_kwargs: dict[str, Any] | None, **rest: Any) -> dict[str, Any]:
    """DALL·E gives URLs unless it is asked for the images; later models give only images, and refuse to be asked."""
    asked = {'response_format': 'b64_json'} if model.startswith('dall-e') else {}
    return {**rest, 'model': model, **asked, **(model_kwargs or {})}


def _file(name: str, image: Any) -> tuple[str, Any]:
    media_type, content = encoded(image)
    return name, (f'{name}.{media_type.rpartition("/")[2]}', content, media_type)


async def _made(answer: dict[str, Any]) -> ImagesResponse:
    images = await received_images(OPENAI.name, answer)
    known = {name: answer.get(name) for name in ImagesResponse.__annotations__ if name != 'safety_identifier'}
    rest = {name: answer[name] for name in ('safety_identifier',) if name in answer}
    made = {'created': int(answer.get('created') or 0), 'data': images, 'usage': _usage(answer.get('usage'))}
    return {**known, **rest, **made}  # type: ignore[typeddict-item]


def _usage(told: Any) -> dict[str, Any] | None:
    """What models and servers leave out, such as where the tokens went, is no reason to lose the images."""
    if not isinstance(told, Mapping):
        return None
    counts = {name: told.get(name) or 0 for name in ('input_tokens', 'output_tokens')}
    details = {f'{name}_details': _details(told.get(f'{name}_details')) for name in counts}
    return {**told, **counts, **details, 'total_tokens': told.get('total_tokens') or sum(counts.values())}


def _details(told: Any) -> dict[str, Any] | None:
    if not isinstance(told, Mapping):
        return None
    return {**told, **{name: told.get(name) or 0 for name in ('image_tokens', 'text_tokens')}}
