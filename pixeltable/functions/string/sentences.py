"""Sentences of a text, by rules: where the punctuation that ends one is followed by what may begin another."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.iterators.decorators import iterator

OWN_RULES = 'en_core_web_sm'
"""The default of `spacy_model`, which stands for the rules of this module: they need nothing, and give the same everywhere."""

_WORDS = """
mr mrs ms dr prof sr jr st vs etc eg ie cf al fig figs no nos vol pp p ed eds inc ltd co corp dept approx est gen col sgt capt lt
rev hon gov sen rep jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun a.m p.m u.s u.k e.g i.e z.b bzw
ca usw d.h nr
"""
_ABBREVIATIONS = frozenset(_WORDS.split())
_END = re.compile(r'[.!?…]+["\'”’)\]]*(?=\s)|[。！？]+[」』）]*|\n[ \t]*\n')
_WORD_BEFORE = re.compile(r'([\w.]+)$')
_CONTINUES = re.compile(r'\s*[a-zà-öø-ÿ,;:)\]]')


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without the spaces between them."""
    start = 0
    for end in _END.finditer(text):
        if _ends(text, start, end):
            sentence = text[start : end.end()].strip()
            start = end.end()
            if sentence:
                yield sentence
    rest = text[start:].strip()
    if rest:
        yield rest


def _ends(text: str, start: int, end: re.Match[str]) -> bool:
    mark = end[0]
    if not mark.startswith('.') or mark.startswith('...'):
        return mark.isspace() or mark[0] in '。！？' or not _CONTINUES.match(text, end.end())
    if _CONTINUES.match(text, end.end()):
        return False
    word = _WORD_BEFORE.search(text, start, end.start())
    before = word[1].lower() if word else ''
    is_initial = len(before) == 1 and before.isalpha() and text[end.start() - 1].isupper()
    return before not in _ABBREVIATIONS and not is_initial


def splitter(spacy_model: str) -> Callable[[str], Iterator[str]]:
    """What finds sentences: a spaCy pipeline, or these rules. Raises INVALID_CONFIGURATION if it is not installed."""
    return sentences if spacy_model == OWN_RULES else functools.partial(_by_pipeline, _pipeline(spacy_model))


@functools.cache
def _pipeline(model: str) -> Any:
    try:
        return require('spacy', 'spacy').load(model)
    except OSError as error:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'the spaCy model {model!r} is not installed: run python -m spacy download {model}, or leave out spacy_model.',
        ) from error


def _by_pipeline(pipeline: Any, text: str) -> Iterator[str]:
    for sentence in pipeline(text).sents:
        yield sentence.text


class StringChunk(TypedDict):
    """A row of `string_splitter`."""

    text: str


@iterator
def string_splitter(text: str, separators: str = 'sentence', *, spacy_model: str = OWN_RULES) -> Iterator[StringChunk]:
    """A row for each sentence of a text, with the column `text`.

    Args:
        separators: `'sentence'`, the only one there is.
        spacy_model: a spaCy pipeline that finds the sentences. With the default, rules do that, for which nothing need be
            installed.
    """
    for sentence in splitter(spacy_model)(text):
        yield {'text': sentence}


@string_splitter.validate
def _check(given: dict[str, object]) -> None:
    if given.get('separators', 'sentence') != 'sentence':
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f"string_splitter(): separators is 'sentence', not {given['separators']!r}.",
        )
