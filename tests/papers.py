"""Documents for tests: PDF written by hand, office documents by their libraries, and what is broken in many ways."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from typing import Any

_LINE = 14  # points


def pdf(pages: Sequence[Sequence[str]], *, title: str = '', trailer: str = '') -> bytes:
    """A PDF with a page for each list of lines, which begin 72 points from the left and 72 from the top."""
    objects: list[bytes] = [
        b'<< /Type /Catalog /Pages 2 0 R >>',
        b'',  # the tree of pages, once it is known which there are
        b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
        f'<< /Title ({title}) >>'.encode(),
    ]
    kids = []
    for lines in pages:
        shown = ' '.join(f'({line}) Tj 0 -{_LINE} Td' for line in lines)
        stream = f'BT /F1 12 Tf 72 720 Td {shown} ET'.encode('cp1252')
        objects.append(b'<< /Length %d >> stream\n%s\nendstream' % (len(stream), stream))
        kids.append(len(objects) + 1)
        resources = '/Resources << /Font << /F1 3 0 R >> >>'
        box = f'/Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R'
        objects.append(f'<< /Type /Page {box} {resources} >>'.encode())
    objects[1] = f'<< /Type /Pages /Count {len(kids)} /Kids [{" ".join(f"{kid} 0 R" for kid in kids)}] >>'.encode()
    file = io.BytesIO(b'%PDF-1.4\n')
    file.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b'%d 0 obj\n%s\nendobj\n' % (number, content))
    start = file.tell()
    file.write(b'xref\n0 %d\n0000000000 65535 f \n' % (len(objects) + 1))
    file.writelines(b'%010d 00000 n \n' % place for place in places)
    info = f'/Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {trailer}'
    file.write(f'trailer << {info} >>\nstartxref\n{start}\n%%EOF\n'.encode())
    return file.getvalue()


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password."""
    nothing = '00' * 32
    handler = f'/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{nothing}> /U <{nothing}> >> /ID [<00> <00>]'
    return pdf([['secret']], trailer=handler)


def word() -> bytes:
    """A Word document with headings, paragraphs, and a table with a cell that spans two columns."""
    from docx import Document

    document = Document()
    document.core_properties.title = 'A report'
    document.add_heading('Report', 1)
    document.add_paragraph('It begins.')
    document.add_heading('Part', 2)
    document.add_paragraph().add_run('Bold').bold = True
    document.paragraphs[-1].add_run(' words.')
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = 'k', 'v'
    table.cell(1, 0).merge(table.cell(1, 1)).text = 'across'
    return _saved(document)


def slides() -> bytes:
    """Two slides with titles and texts; the first has a table and notes."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.core_properties.title = 'A talk'
    for title, text in (('First', 'It says\nthis.'), ('Second', 'The end.')):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, text
    shapes = deck.slides[0].shapes
    table = shapes.add_table(1, 2, Inches(1), Inches(1), Inches(2), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = 'k', 'v'
    deck.slides[0].notes_slide.notes_text_frame.text = 'said aloud'
    return _saved(deck)


def sheets() -> bytes:
    """A book with two sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = 'A book'
    book.active.title = 'Prices'
    book.active.append(['name', 'price'])
    book.active.append(['tea', 2.5])
    book.active.append([datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4)])
    book.create_sheet('Rest')['C2'] = 'late'
    return _saved(book)


def _saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def damaged(content: bytes, member: str) -> bytes:
    """An office document with a flipped bit in a member."""
    changed = bytearray(content)
    changed[changed.index(member.encode()) + len(member) + 40] ^= 1
    return bytes(changed)


def with_member(content: bytes, member: str, replaced: bytes) -> bytes:
    """An office document with other content in a member."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, replaced if name == member else before.read(name))
    return file.getvalue()


def declaring(content: bytes, member: str, size: int) -> bytes:
    """An archive that says another size of a member than it has."""
    changed = bytearray(content)
    place = changed.rindex(member.encode()) - 46  # its entry in the directory at the end
    changed[place + 24 : place + 28] = size.to_bytes(4, 'little')
    return bytes(changed)


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()
