"""Tokens of OpenAI's and Voyage's models, by tables that are installed: nothing is downloaded."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from typing import Any

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError

ENCODINGS = ('cl100k_base', 'o200k_base', 'voyage3_base')
_MODELS = {
    'chatgpt-4o': 'o200k_base',
    'gpt-3.5': 'cl100k_base',
    'gpt-35': 'cl100k_base',
    'gpt-4': 'cl100k_base',
    'gpt-4.1': 'o200k_base',
    'gpt-4.5': 'o200k_base',
    'gpt-4o': 'o200k_base',
    'gpt-5': 'o200k_base',
    'gpt-oss': 'o200k_base',
    'o1': 'o200k_base',
    'o3': 'o200k_base',
    'o4': 'o200k_base',
    'text-embedding-3': 'cl100k_base',
    'text-embedding-ada-002': 'cl100k_base',
    'voyage-3': 'voyage3_base',
}
"""Encodings by what names of models begin with."""

_PIECE = 200_000
"""Characters that the tokenizer gets at once; it refuses a million."""


class Tokens:
    """Cuts texts where their tokens end."""

    def __init__(self, encoding: str) -> None:
        import numpy as np

        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)  # of how the package opens its own tables
            self._encoding: Any = require('bpe_openai', 'documents').get_encoding(encoding)
        self._lengths = np.array([len(each) for each in self._encoding.token_byte_values()])

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in _pieces(text))

    def ends(self, text: str) -> Any:
        """The place in the text where each token ends; for one within a character, where the character begins."""
        import numpy as np

        tokens = [token for piece in _pieces(text) for token in self._encoding.encode_ordinary(piece)]
        ends = np.cumsum(self._lengths[tokens])
        content = np.frombuffer(text.encode(), np.uint8)
        begins = (content & 0xC0) != 0x80
        begun = np.concatenate(([0], np.cumsum(begins)))
        is_within = ~np.append(begins, True)[ends]
        return begun[ends] - is_within


def encoding_of(encoding: str | None, model: str | None) -> str:
    """The encoding that is meant. Raises INVALID_ARGUMENT if there is no such encoding, or none is known for the model."""
    if model is not None:
        beginnings = [name for name in _MODELS if model.startswith(name)]
        if not beginnings:
            known = ', '.join(_MODELS)
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'the encoding of the model {model!r} is not known; those of {known} are.'
            )
        return _MODELS[max(beginnings, key=len)]
    if encoding not in ENCODINGS:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'there is no encoding {encoding!r}; use one of {", ".join(ENCODINGS)}.'
        )
    return encoding


@functools.cache
def tokens_of(encoding: str) -> Tokens:
    """The tokens of an encoding, whose tables are loaded once. Raises INVALID_CONFIGURATION if they are not installed."""
    return Tokens(encoding)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces, cut where a word begins if there is a place: tokens do not go beyond those."""
    start = 0
    while len(text) - start > _PIECE:
        place = text.rfind(' ', start + _PIECE // 2, start + _PIECE)
        end = place if place > start else start + _PIECE
        yield text[start:end]
        start = end
    yield text[start:]
