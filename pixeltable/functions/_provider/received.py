"""Images that a provider made: in the answer, or where the answer says."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from pixeltable.functions._provider.errors import translated, unreadable
from pixeltable.types.pictures import image_in


async def received_images(provider: str, answer: Mapping[str, Any]) -> list[Any]:
    """The Pillow images of the `data` of an answer in OpenAI's format, of which there is at least one.

    Raises ExternalServiceError where they are damaged or cannot be fetched.
    """
    items = answer.get('data')
    if not isinstance(items, list) or not items:
        raise unreadable(provider, 'it has no image')
    return [await received_image(provider, item) for item in items]


async def received_image(provider: str, item: Any) -> Any:
    """The Pillow image that an answer holds as `b64_json`, or that is at its `url`."""
    try:
        return image_in(await _content(provider, item))
    except (AttributeError, KeyError, TypeError, ValueError, OSError, SyntaxError) as error:
        raise unreadable(provider, f'its image is damaged ({type(error).__name__}: {error})') from error


async def _content(provider: str, item: Mapping[str, Any]) -> bytes:
    if item.get('b64_json'):
        return base64.b64decode(item['b64_json'])
    try:
        async with httpx.AsyncClient(follow_redirects=True, timeout=60) as client:
            response = await client.get(item['url'])
            return response.raise_for_status().content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise translated(provider, error) from error
