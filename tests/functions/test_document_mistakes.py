"""What `document_splitter` refuses, and what it says."""

from __future__ import annotations

import sys
from typing import Any

import papers
import pytest

import pixeltable as pxt
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field
from pixeltable.functions._documents import reading, tokens
from pixeltable.functions._documents.sources import Source
from pixeltable.functions.document import document_splitter
from pixeltable.types.column_type import ColumnType, Kind

PDF = papers.pdf([['one']])

WRONG: list[tuple[dict[str, Any], str]] = [
    ({'separators': 'chapter'}, 'INVALID_ARGUMENT'),
    ({'separators': 'heading,,page'}, 'INVALID_ARGUMENT'),
    ({'separators': 7}, 'TYPE_MISMATCH'),
    ({'separators': 'char_limit'}, 'MISSING_REQUIRED'),
    ({'separators': 'char_limit', 'limit': 0}, 'INVALID_ARGUMENT'),
    ({'separators': 'char_limit,token_limit', 'limit': 9}, 'INVALID_ARGUMENT'),
    ({'separators': 'page', 'limit': 9}, 'UNSUPPORTED_OPERATION'),
    ({'separators': 'page', 'overlap': 1}, 'UNSUPPORTED_OPERATION'),
    ({'separators': 'char_limit', 'limit': 9, 'overlap': 9}, 'INVALID_ARGUMENT'),
    ({'separators': 'char_limit', 'limit': 9, 'overlap': -1}, 'INVALID_ARGUMENT'),
    ({'separators': '', 'metadata': 'author'}, 'INVALID_ARGUMENT'),
    ({'separators': 'page', 'elements': []}, 'MISSING_REQUIRED'),
    ({'separators': 'page', 'elements': ['sound']}, 'INVALID_ARGUMENT'),
    ({'separators': '', 'elements': ['image']}, 'UNSUPPORTED_OPERATION'),
    ({'separators': 'page', 'elements': ['image'], 'image_dpi': 0}, 'INVALID_ARGUMENT'),
    ({'separators': 'page', 'elements': ['image'], 'image_format': 'docx'}, 'INVALID_ARGUMENT'),
    ({'separators': 'token_limit', 'limit': 9, 'tiktoken_encoding': None}, 'INVALID_ARGUMENT'),
    ({'separators': 'token_limit', 'limit': 9, 'tiktoken_encoding': 'gpt2'}, 'INVALID_ARGUMENT'),
    ({'separators': 'token_limit', 'limit': 9, 'tiktoken_target_model': 'claude'}, 'INVALID_ARGUMENT'),
    ({'separators': 'sentence', 'spacy_model': 'de_core_news_sm'}, 'INVALID_CONFIGURATION'),
]


@pytest.mark.parametrize(('kwargs', 'code'), WRONG, ids=range(len(WRONG)))
def test_wrong_arguments(kwargs: dict[str, Any], code: str) -> None:
    document = Expr(Field(ColumnType(Kind.DOCUMENT), 'doc'))
    with pytest.raises(pxt.RequestError) as raised:
        document_splitter(document, **kwargs)
    assert raised.value.error_code is pxt.ErrorCode[code]


@pytest.mark.parametrize('document', [7, Expr(Field(ColumnType(Kind.VIDEO), 'clip'))])
def test_what_is_no_document(document: Any) -> None:
    with pytest.raises(pxt.RequestError) as raised:
        document_splitter(document, 'page')
    assert raised.value.error_code is pxt.ErrorCode.TYPE_MISMATCH


@pytest.mark.parametrize(
    ('name', 'content', 'kwargs', 'words'),
    [
        ('a.pdf', PDF, {'separators': 'paragraph'}, 'a PDF knows no paragraphs'),
        ('a.txt', b'text', {'separators': 'page', 'elements': ['image']}, 'pages of a PDF only, and this is txt'),
        ('a.pdf', PDF, {'separators': 'page', 'elements': ['image'], 'image_dpi': 9000}, 'too many pixels at 9000 dpi'),
    ],
)
def test_what_a_document_cannot_do(split, name: str, content: bytes, kwargs: Any, words: str) -> None:
    with pytest.raises(pxt.RequestError, match=words):
        split(name, content, **kwargs)


@pytest.mark.parametrize(
    ('package', 'name', 'content', 'options'),
    [
        ('pypdfium2', 'a.pdf', PDF, {}),
        ('docx', 'a.docx', papers.word(), {}),
        ('pptx', 'a.pptx', papers.slides(), {}),
        ('openpyxl', 'a.xlsx', papers.sheets(), {}),
        ('markdown_it', 'a.md', '# one', {}),
        ('bpe_openai', 'a.txt', 'one', {'separators': 'token_limit', 'limit': 3}),
    ],
)
def test_a_package_that_is_missing(split, monkeypatch, package: str, name: str, content: Any, options: Any) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    tokens.tokens_of.cache_clear()
    with pytest.raises(pxt.RequestError, match=rf"'{package}' is not installed.*pixeltable\[documents\]") as raised:
        split(name, content, **({'separators': ''} | options))
    assert raised.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION


def test_without_pdfium_the_end_must_do(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, 'pypdfium2', None)
    reading.check(Source(None, PDF))
    with pytest.raises(pxt.RequestError, match='a PDF without an end'):
        reading.check(Source(None, PDF[:-99]))
