"""Documents in the order of how much they say about a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pixeltable.functions._provider.errors import unreadable
from pixeltable.functions._provider.provider import Provider


def ranked(provider: Provider, answer: Mapping[str, Any], key: str, documents: Sequence[str]) -> list[dict[str, Any]]:
    """The index and the score of each document under `key` of an answer."""
    try:
        found = [
            {'index': int(each['index']), 'relevance_score': float(each['relevance_score'])} for each in answer[key]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(provider.name, f'its ranking is damaged ({type(error).__name__}: {error})') from error
    if not all(0 <= each['index'] < len(documents) for each in found):
        raise unreadable(provider.name, f'it ranks documents that are none of the {len(documents)}')
    return found
