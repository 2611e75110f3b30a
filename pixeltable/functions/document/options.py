"""How a document is split: what users say, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._documents.tokens import encoding_of, tokens_of
from pixeltable.functions.document.types import DocumentChunk
from pixeltable.functions.string import sentences
from pixeltable.iterators.function import columns_of
from pixeltable.types.pictures import writable_format

SEPARATORS = ('heading', 'paragraph', 'sentence', 'token_limit', 'char_limit', 'page')
METADATA = ('title', 'heading', 'sourceline', 'page', 'bounding_box')
ELEMENTS = ('text', 'image')
_LIMITS = ('token_limit', 'char_limit')
_SKIPPED = ('nav',)


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of `document_splitter`, taken apart.

    Attributes:
        encoding: that of the tokens, if they are counted.
    """

    separators: tuple[str, ...]
    elements: tuple[str, ...]
    limit: int | None
    overlap: int
    metadata: tuple[str, ...]
    skip_tags: tuple[str, ...]
    spacy_model: str
    encoding: str | None
    image_dpi: int
    image_format: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the rows."""
        return (*self.elements, *self.metadata)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Raises INVALID_ARGUMENT, MISSING_REQUIRED or UNSUPPORTED_OPERATION for arguments that do not go together."""
        separators = _listed('separators', given['separators'], SEPARATORS)
        _check_limit(separators, given['limit'], given['overlap'])
        encoding = None
        if 'token_limit' in separators:
            encoding = encoding_of(given['tiktoken_encoding'], given['tiktoken_target_model'])
            tokens_of(encoding)  # which fails here, if they are not installed
        if 'sentence' in separators:
            sentences.splitter(given['spacy_model'])
        return cls(
            separators,
            _elements(given['elements'], separators),
            given['limit'],
            given['overlap'] or 0,
            _listed('metadata', given['metadata'], METADATA),
            _SKIPPED if given['skip_tags'] is None else tuple(given['skip_tags']),
            given['spacy_model'],
            encoding,
            _resolution(given['image_dpi']),
            _image_format(given['image_format']),
        )


def check(constants: Mapping[str, Any]) -> None:
    """Checks the constant arguments of a call. What is an expression is checked for each document."""
    for name in ('elements', 'metadata'):
        if name not in constants:
            raise _wrong(f'{name} decides which columns there are, so it is a constant, and no expression')
    if all(name in constants for name in Options.__dataclass_fields__ if name != 'encoding'):
        Options.of(constants)


def columns(constants: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for constant arguments."""
    described = columns_of(DocumentChunk, 'document_splitter')
    names = (*(constants['elements'] or ('text',)), *_listed('metadata', constants['metadata'], METADATA))
    return {name: described[name] for name in names}


def _listed(name: str, text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The words of a list with commas."""
    words = [word.strip().lower() for word in text.split(',')] if text.strip() else []
    for word in words:
        if word not in known:
            raise _wrong(f'{name} is a list of {", ".join(known)} with commas, and {word!r} is none of them')
    return tuple(dict.fromkeys(words))


def _elements(elements: Sequence[str] | None, separators: Sequence[str]) -> tuple[str, ...]:
    if elements is None:
        return ('text',)
    if not elements:
        raise _wrong('elements is empty; name text, image, or both', ErrorCode.MISSING_REQUIRED)
    unknown = [element for element in elements if element not in ELEMENTS]
    if unknown:
        raise _wrong(f'elements are text and image, and {unknown[0]!r} is neither')
    if 'image' in elements and tuple(separators) != ('page',):
        raise _wrong("images are those of pages: separators must be 'page'", ErrorCode.UNSUPPORTED_OPERATION)
    return tuple(dict.fromkeys(elements))


def _check_limit(separators: Sequence[str], limit: int | None, overlap: int | None) -> None:
    limits = [name for name in _LIMITS if name in separators]
    if len(limits) == 2:
        raise _wrong('separators has token_limit and char_limit, and limit can only be that of one of them')
    if not limits:
        if limit is not None or overlap is not None:
            raise _wrong(
                'limit and overlap need the separator token_limit or char_limit', ErrorCode.UNSUPPORTED_OPERATION
            )
        return
    if limit is None:
        raise _wrong(f'the separator {limits[0]} needs a limit', ErrorCode.MISSING_REQUIRED)
    if limit <= 0:
        raise _wrong(f'limit must be above 0, not {limit}')
    if overlap is not None and not 0 <= overlap < limit:
        raise _wrong(f'overlap must be from 0, and below the limit of {limit}, not {overlap}')


def _resolution(dpi: int) -> int:
    if dpi <= 0:
        raise _wrong(f'image_dpi must be above 0, not {dpi}')
    return dpi


def _image_format(name: str) -> str:
    found = writable_format(name)
    if found is None:
        raise _wrong(f'image_format is a format that Pillow writes, such as png or jpeg, not {name!r}')
    return found


def _wrong(what: str, code: ErrorCode = ErrorCode.INVALID_ARGUMENT) -> RequestError:
    return RequestError(code, f'document_splitter(): {what}.')
