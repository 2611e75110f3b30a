"""Documents that cannot be read are errors of their cells, and the others are split all the same."""

from __future__ import annotations

import os
import re
from pathlib import Path

import papers
import pytest

import pixeltable as pxt
from pixeltable.functions.document import document_splitter

PDF = papers.pdf([['Page one.'], ['Page two.']])
LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
BAD: dict[str, tuple[bytes, str]] = {
    'encrypted.pdf': (papers.encrypted_pdf(), 'it is encrypted'),
    'truncated.pdf': (PDF[:-200], 'a PDF without an end'),
    'no pages.pdf': (papers.pdf([]), 'it is damaged, or has no pages'),
    'picture.pdf': (b'\x89PNG\r\n\x1a\n\0\0\0', 'no text in UTF-8'),
    'empty.md': (b'', 'it is empty'),
    'blank.txt': (b' \n\t', 'it is empty'),
    'latin.txt': ('Grüße'.encode('latin-1'), 'no text in UTF-8'),
    'wrong.html': (b'<html><meta charset="ascii"> \xff', 'it is not in ascii, as it says'),
    'unknown.html': (b'<html><meta charset="klingon"> \xff', 'it is not in klingon, as it says'),
    'laughs.xml': (f'<?xml version="1.0"?>{LAUGHS}'.encode(), "declares the entity 'b'"),
    'wide.xml': (f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}'.encode('utf-16'), "declares the entity 'b'"),
    'outside.xml': (OUTSIDE.encode(), "declares the entity 'b'"),
    'open.xml': (b'<?xml version="1.0"?><a><b></a>', 'mismatched tag'),
    'truncated.docx': (papers.word()[:2000], 'a damaged archive'),
    'flipped.xlsx': (papers.damaged(papers.sheets(), 'xl/worksheets/sheet1.xml'), 'a damaged archive'),
    'flipped.pptx': (papers.damaged(papers.slides(), 'ppt/presentation.xml'), 'a damaged archive'),
    'bomb.docx': (papers.declaring(papers.word(), 'word/document.xml', 3 << 30), 'unpacks to more than 1024 MiB'),
    'large.docx': (papers.declaring(papers.word(), 'word/document.xml', 1 << 29), 'unpacks to more than 256 MiB'),
    'liar.docx': (papers.declaring(papers.word(), 'word/document.xml', 99), 'a damaged archive'),
    'other.zip': (b'PK\x05\x06' + b'\0' * 18, 'it has NUL characters'),
    'book.epub': (papers.archive({'mimetype': b'application/epub+zip'}), 'no Word, PowerPoint or Excel document'),
}
GOOD: dict[str, tuple[bytes, list[str]]] = {
    'paper.txt': (PDF, ['Page one.', 'Page two.']),
    'report.pdf': (papers.word(), ['Report\nIt begins.\nPart\nBold words.\nk\tv\nacross']),
    'page.xml': (b'<!DOCTYPE html><p>A page', ['A page']),
    'greetings.html': ('<html><meta charset="latin1"><p>Grüße'.encode('latin-1'), ['Grüße']),
    'wide.txt': ('Grüße'.encode('utf-16'), ['Grüße']),
}


def test_bad_documents_are_errors_of_their_cells(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'name': pxt.String, 'doc': pxt.Document})
    chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, 'page'))
    for name, (content, _) in (BAD | GOOD).items():
        (tmp_path / name).write_bytes(content)
    with pytest.warns(pxt.PixeltableWarning, match=f'doc: {len(BAD)} of them'):
        t.insert({'name': name, 'doc': tmp_path / name} for name in BAD | GOOD)
    found = {row['name']: row for row in t.select(t.name, t.doc.errortype, t.doc.errormsg).collect()}
    for name, (_, words) in BAD.items():
        assert found[name]['doc_errortype'] == 'RequestError', name
        assert re.search(words, found[name]['doc_errormsg']), found[name]
    assert [name for name, row in found.items() if row['doc_errortype'] is None] == list(GOOD)
    rows = chunks.order_by(chunks.name, chunks.pos).collect()
    assert {name: [row['text'] for row in rows if row['name'] == name] for name in GOOD} == {
        name: expected for name, (_, expected) in GOOD.items()
    }
    assert len(rows) == 6


def test_what_shows_only_when_it_is_split(tmp_path: Path) -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    broken = papers.with_member(papers.word(), 'word/document.xml', b'<w:document><no')
    t.insert([{'doc': broken}, {'doc': papers.slides()}])
    with pytest.warns(pxt.PixeltableWarning, match='cannot be read as a document'):
        chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, ''))
    assert chunks.count() == 1
    with pytest.raises(pxt.RequestError, match='cannot be read as a document'):
        t.insert([{'doc': broken}], on_error='abort')
    assert t.count() == 2


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / 'a.txt'
    path.write_text('text')
    t = pxt.create_table('t', {'doc': pxt.Document})
    t.insert(doc=path)
    path.unlink()
    with pytest.warns(pxt.PixeltableWarning, match='is not there any more|no file'):
        chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, ''))
    assert chunks.count() == 0


@pytest.mark.parametrize('make', [os.mkdir, os.mkfifo])
def test_what_is_no_file(make, tmp_path: Path) -> None:
    t = pxt.create_table('t', {'doc': pxt.Document})
    make(tmp_path / 'x.txt')
    with pytest.raises(pxt.RequestError, match='there is no file'):
        t.insert(doc=tmp_path / 'x.txt')
    path = tmp_path / 'a.txt'
    path.write_text('text')
    t.insert([{'doc': path}, {'doc': b'fine'}])
    path.unlink()
    make(path)
    with pytest.warns(pxt.PixeltableWarning, match='no file'):
        chunks = pxt.create_view('chunks', t, iterator=document_splitter(t.doc, ''))
    assert chunks.collect()['text'] == ['fine']
