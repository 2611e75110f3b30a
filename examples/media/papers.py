"""PDFs that the demo makes of this project's decision records."""

from __future__ import annotations

import textwrap
from pathlib import Path

DECISIONS = Path(__file__).resolve().parents[2] / 'docs' / 'decisions'
LINES = 40  # on a page


def save_papers(folder: Path, limit: int | None) -> None:
    """A PDF for each record, or for the first `limit` of them."""
    for record in sorted(DECISIONS.glob('0*.md'))[:limit]:
        lines = [
            part for line in record.read_text(encoding='utf-8').splitlines() for part in textwrap.wrap(line, 80) or ['']
        ]
        pages = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
        (folder / f'{record.stem}.pdf').write_bytes(_pdf(pages))


def _pdf(pages: list[list[str]]) -> bytes:
    """A file with a page of text for each list of lines."""
    kids = ' '.join(f'{3 + 2 * number} 0 R' for number in range(1, len(pages) + 1))
    objects = [
        '<< /Type /Catalog /Pages 2 0 R >>',
        f'<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>',
        '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
        '<< >>',
    ]
    for number, lines in enumerate(pages):
        resources = '/Resources << /Font << /F 3 0 R >> >>'
        objects.append(
            f'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R {resources} >>'
        )
        text = ''.join(f'({_escaped(line)}) Tj T*\n' for line in lines)
        content = f'BT /F 11 Tf 60 780 Td 16 TL\n{text}ET'
        objects.append(f'<< /Length {len(content.encode("cp1252", "replace"))} >>\nstream\n{content}\nendstream')
    made, places = b'%PDF-1.4\n', []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f'{number} 0 obj\n{each}\nendobj\n'.encode('cp1252', 'replace')
    table = ''.join(f'{place:010} 00000 n \n' for place in places)
    end = (
        f'xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n'
    )
    return made + f'{end}startxref\n{len(made)}\n%%EOF\n'.encode()


def _escaped(line: str) -> str:
    return line.replace('\\', r'\\').replace('(', r'\(').replace(')', r'\)')
