"""Tables of documents, their chunks, and an index over these."""

from __future__ import annotations

import numpy as np
import papers
import pytest

import pixeltable as pxt
from pixeltable.functions.document import document_splitter
from pixeltable.functions.string import string_splitter


@pxt.udf
def letters(text: str) -> pxt.Array[(26,), pxt.Float]:
    counts = np.array([text.lower().count(chr(97 + each)) for each in range(26)], np.float32)
    return counts / max(1.0, float(np.linalg.norm(counts)))


def test_chunks_follow_their_documents() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document | None})
    chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, 'page', metadata='page,title,heading'))
    assert chunks.columns() == ['pos', 'text', 'page', 'title', 'heading', 'doc']
    assert str(chunks.get_metadata()['columns']['page']['type_']) == 'Int | None'
    t.insert([{'doc': papers.pdf([['one'], ['two']])}, {'doc': None}, {'doc': b'# not marked'}])
    assert sorted(chunks.collect()['text']) == ['# not marked', 'one', 'two']
    t.delete(t.doc == None)  # noqa: E711
    t.update({'doc': papers.pdf([['one'], ['three']])}, where=t.doc.localpath.contains('pdf'))
    assert sorted(chunks.collect()['text']) == ['# not marked', 'one', 'three']


def test_an_index_over_chunks() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, 'sentence', metadata='page'))
    chunks.add_embedding_index('text', embedding=letters)
    t.insert(doc=papers.pdf([['A lazy zebra zigzags.'], ['Books bubble. Xylophones.']]))
    found = chunks.order_by(chunks.text.similarity(string='zzz'), asc=False).limit(1).select(chunks.text, chunks.page)
    assert found.collect() == [{'text': 'A lazy zebra zigzags.', 'page': 0}]


def test_chunks_of_chunks() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=b'One. Two.\n\nThree.')
    paragraphs = pxt.create_view('paragraphs', t, iterator=document_splitter(t.doc, 'paragraph', metadata='sourceline'))
    sentences = pxt.create_view('sentences', paragraphs, iterator=string_splitter(paragraphs.text))
    found = sentences.order_by(sentences.sourceline, sentences.pos).select(sentences.text, sentences.sourceline)
    assert [tuple(row.values()) for row in found.collect()] == [('One.', 1), ('Two.', 1), ('Three.', 3)]


def test_pictures_are_stored_as_asked() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=papers.pdf([['one'], []]))
    splitter = document_splitter(t.doc, 'page', elements=['image'], image_dpi=36, image_format='jpeg')
    pages = pxt.create_view('pages', t, iterator=splitter)
    assert pages.columns() == ['pos', 'image', 'doc']
    assert [(image.format, image.size) for image in pages.collect()['image']] == [('JPEG', (306, 396))] * 2


def test_options_from_a_column() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document, 'n': pxt.Int})
    t.insert([{'doc': b'one two', 'n': 3}, {'doc': b'one two', 'n': -1}])
    with pytest.warns(pxt.PixeltableWarning, match='limit must be above 0, not -1'):
        view = pxt.create_view('v', t, iterator=document_splitter(t.doc, 'char_limit', limit=t.n))
    assert view.order_by(view.pos).collect()['text'] == ['one', ' tw', 'o']
    with pytest.raises(pxt.RequestError, match='metadata decides which columns'):
        document_splitter(t.doc, 'page', metadata=t.doc.localpath)


def test_a_long_document() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=papers.pdf([[f'page {number}'] for number in range(2000)]))
    pages = pxt.create_view('pages', t, iterator=document_splitter(t.doc, 'page', metadata='page'))
    assert pages.order_by(pages.page).select(pages.text).collect()['text'] == [f'page {each}' for each in range(2000)]


def test_the_name_of_older_programs() -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=b'One. Two.')
    with pytest.warns(pxt.PixeltableDeprecationWarning, match='document_splitter'):
        call = pxt.iterators.DocumentSplitter.create(document=t.doc, separators='sentence')
    assert pxt.create_view('v', t, iterator=call).count() == 2


def test_many_documents_at_once() -> None:
    t = pxt.create_table('t', {'n': pxt.Int, 'doc': pxt.Document})
    pages = pxt.create_view('pages', t, iterator=document_splitter(t.doc, 'page', metadata='page,bounding_box'))
    t.insert({'n': n, 'doc': papers.pdf([[f'{n} {page}'] for page in range(20)])} for n in range(24))
    found = pages.order_by(pages.n, pages.page).select(pages.text).collect()['text']
    assert found == [f'{n} {page}' for n in range(24) for page in range(20)]
