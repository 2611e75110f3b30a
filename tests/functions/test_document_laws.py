"""What holds for the chunks of every document."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.functions._documents import chunks, html, pdf, plain
from pixeltable.functions._documents.sources import Source
from pixeltable.functions._documents.tokens import tokens_of
from pixeltable.functions._documents.windows import Characters, windows
from pixeltable.functions.document import document_splitter
from pixeltable.udf.calling import direct_calls

WORDS = st.sampled_from(
    ['Alpha ', 'beta. ', "don't ", '12345', '\n\n', '   ', 'Grüße ', '👩‍🚀', '漢字', '<|endoftext|>', "''s"]
)
TEXTS = st.one_of(st.lists(WORDS, min_size=1, max_size=60).map(''.join), st.text(min_size=1, max_size=200))
TEXTS = TEXTS.filter(lambda text: text.strip() and '\0' not in text and text.isascii() | _is_utf8(text))


def _is_utf8(text: str) -> bool:
    return text.encode('utf-8', 'replace').decode() == text


def blocks_of(text: str) -> Iterator[Any]:
    return plain.blocks(Source(None, text.encode()))


@given(TEXTS)
def test_one_chunk_is_the_whole_text(text: str) -> None:
    assert chunks.whole(blocks_of(text)).text == text.encode().decode('utf-8-sig').strip()


@given(TEXTS, st.integers(1, 30), st.data())
def test_windows_of_characters(text: str, limit: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, limit - 1))
    found = [chunk.text for chunk in windows(blocks_of(text), Characters(), limit, overlap)]
    whole = chunks.whole(blocks_of(text)).text
    assert all(len(each) == limit for each in found[:-1])
    assert len(found[-1]) <= limit
    assert found[0] + ''.join(each[overlap:] for each in found[1:]) == whole
    assert all(last[len(last) - overlap :] == each[:overlap] for last, each in itertools.pairwise(found))


@pytest.mark.parametrize('encoding', ['cl100k_base', 'o200k_base'])
@given(TEXTS, st.integers(12, 40), st.integers(0, 10))
@settings(max_examples=60)
def test_windows_of_tokens(encoding: str, text: str, limit: int, overlap: int) -> None:
    tokens = tokens_of(encoding)
    found = [chunk.text for chunk in windows(blocks_of(text), tokens, limit, overlap)]
    assert max(map(tokens.count, found)) <= limit
    whole, end = chunks.whole(blocks_of(text)).text, 0
    for each in found:  # each begins where the last ended, or before, and goes further
        begin = next(place for place in range(end, -1, -1) if whole.startswith(each, place))
        assert begin + len(each) > end
        end = begin + len(each)
    assert end == len(whole)
    if overlap == 0:
        assert ''.join(found) == whole


@given(st.lists(st.lists(st.sampled_from(['a b', 'c. D', 'e']), max_size=3), min_size=1, max_size=6), st.integers(1, 9))
@settings(max_examples=30)
def test_pages_only_increase(tmp_path_factory: Any, pages: list[list[str]], limit: int) -> None:
    path = tmp_path_factory.mktemp('papers') / 'a.pdf'
    path.write_bytes(papers.pdf(pages))
    for options in ({'separators': 'page'}, {'separators': 'sentence'}, {'separators': 'char_limit', 'limit': limit}):
        with direct_calls():
            found = [row['page'] for row in document_splitter(str(path), metadata='page', **options)]
        assert found == sorted(found)
        assert set(found) <= {number for number, lines in enumerate(pages) if lines}


def test_any_depth(tmp_path: Path) -> None:
    deep = '<div>' * 100_000 + '<b>' * 1000 + 'deep'
    assert [block.text for block in html.blocks(Source(None, deep.encode()), ())] == ['deep']


@pytest.mark.parametrize('text', ['<a ' * 20_000, '<!--' * 20_000, '<a b="' + 'x' * 100_000, '&#' * 20_000])
def test_html_that_goes_on_for_ever(text: str) -> None:
    assert len(list(html.blocks(Source(None, f'<p>one<p>two {text}'.encode()), ()))) == 2


def test_text_of_spaces() -> None:
    text = 'one' + ' ' * 200_000 + 'two\n\f\n \t\nthree'
    assert [(block.text[-5:], block.line) for block in blocks_of(text)] == [('  two', 1), ('three', 4)]


def test_one_page_at_a_time() -> None:
    line = 'x' * 80
    source = Source(None, papers.pdf([[line] * 40] * 300))
    found = windows(pdf.blocks(source, boxes=False), Characters(), 1000, 100)
    next(found)
    tracemalloc.start()
    try:
        assert sum(len(chunk.text) for chunk in found) > 900_000
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()
