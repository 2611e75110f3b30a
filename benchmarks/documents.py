"""What splitting documents costs, beside bare PDFium, which extracts the same text in the same run.

    .venv/bin/python benchmarks/run.py documents

Three quarters of a minute. The best of three, in seconds of processor time.
"""

from __future__ import annotations

import ctypes
import math
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import measure
import pypdfium2 as pdfium
import pypdfium2.raw as raw

import pixeltable as pxt
from pixeltable.functions.document import document_splitter

PARTS = ('documents',)
PAGES, LINES = 1000, 45
DRAWN = 50
"""Pages that differ: to draw all of them would take as long as what is measured."""
LINE = 'The quick brown fox jumps over the lazy dog, and page {} of the report goes on: '
WAYS: dict[str, dict[str, int]] = {
    'page': {},
    'page,char_limit': {'limit': 500},
    'sentence': {},
    'token_limit': {'limit': 300, 'overlap': 30},
}
TARGET = 0.8
RUNS = 3


def documents(folder: Path) -> None:
    """Prints the figures."""
    path = _paper(folder / 'paper.pdf')
    t = pxt.create_table('documents', {'doc': pxt.Document})
    t.insert(doc=path)
    bare, split = math.inf, dict.fromkeys(WAYS, math.inf)
    for _ in range(RUNS):
        bare = min(bare, _processor(partial(_bare, path)))
        for separators, options in WAYS.items():
            split[separators] = min(split[separators], _processor(partial(_split, t, separators, **options)))
    measure.console.print(f'{PAGES:,} pages with bare PDFium: {bare:.2f} s')
    for separators, seconds in split.items():
        measure.console.print(f'a view of them, {separators!r}: {seconds:.2f} s, {bare / seconds:.2f} of PDFium')
    measure.console.print(f"target for 'page': {TARGET}")


def _processor(action: Callable[[], object]) -> float:
    """Seconds of processor time of all threads: what it takes when nothing else runs, as PDFium lets in one thread only."""
    started = time.process_time()
    action()
    return time.process_time() - started


def _paper(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = pdfium.PdfDocument.new()
    font = raw.FPDFText_LoadStandardFont(document, b'Helvetica')
    for number in range(DRAWN):
        page = document.new_page(612, 792)
        for line in range(LINES):
            text = raw.FPDFPageObj_CreateTextObj(document, font, 10)
            content = ctypes.create_string_buffer((LINE.format(number) + '\0').encode('utf-16-le'))
            raw.FPDFText_SetText(text, ctypes.cast(content, ctypes.POINTER(ctypes.c_ushort)))
            raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 72, 740 - 15 * line)
            raw.FPDFPage_InsertObject(page, text)
        page.gen_content()
        page.close()
    drawn = list(range(DRAWN))
    for _ in range(PAGES // DRAWN - 1):
        document.import_pages(document, drawn)
    document.save(path)
    document.close()
    return str(path)


def _bare(path: str) -> int:
    document, length = pdfium.PdfDocument(path), 0
    for page in document:
        texts = page.get_textpage()
        length += len(texts.get_text_range())
        texts.close()
        page.close()
    document.close()
    return length


def _split(t: pxt.Table, separators: str, **options: int) -> None:
    splitter = document_splitter(t.doc, separators, metadata='page', **options)
    pxt.create_view('chunks', t, iterator=splitter, if_exists='replace')


if __name__ == '__main__':
    pxt.init({'pixeltable.home': Path(sys.argv[2], 'home'), 'pixeltable.verbosity': 0})
    documents(Path(sys.argv[2]))
