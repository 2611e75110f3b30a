"""Descriptions of tables and queries, as text and as HTML, from plain texts: what `describe()` and `repr` show.

Nothing is cut: long expressions wrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pixeltable.api.render import html
from pixeltable.api.render.grid import terminal_width
from pixeltable.api.render.layout import aligned
from pixeltable.api.render.values import printable

Rows = Sequence[tuple[str, ...]]

_COLUMNS = ('Column Name', 'Type', 'Source', 'Computed With', 'Comment')
_INDEXES = ('Index Name', 'Column', 'Type', 'Metric', 'Embedding')
_MEDIA = ('Media Column', 'Pin', 'Format', 'Quality', 'Destination')
_LINES = '\n'
_OUTPUTS = ('Name', 'Type', 'Expression')


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to say of a table.

    Attributes:
        title: such as `table 'docs'`, and lines below it such as `Where: k > 1`.
        columns: (name, type, table that has it, computed with, comment) of each.
        indexes: (name, column, type, metric, embedding) of each.
        comment, metadata: of the table; empty if there is none.
        media: (name, pin, format, quality, destination) of each column of which one of these was said.
        own: how many of the first columns are the table's own, if there are others: a dotted line follows them.
    """

    title: str
    columns: Rows
    indexes: Rows = ()
    comment: str = ''
    metadata: str = ''
    own: int = 0
    media: Rows = ()

    @property
    def details(self) -> list[tuple[Sequence[str], Rows]]:
        """Headers and rows of what is shown below the columns, without what is empty."""
        return [_filled(header, rows) for header, rows in ((_INDEXES, self.indexes), (_MEDIA, self.media)) if rows]

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What is said at the end, with labels."""
        return [
            (label, text) for label, text in (('Comment', self.comment), ('Custom Metadata', self.metadata)) if text
        ]


def describe_table(table: Description, *, width: int | None = None) -> str:
    """A table as text."""
    lines = _text_grid(_COLUMNS, table.columns, width, dotted_after=table.own)
    parts = ['\n'.join(map(printable, table.title.split('\n'))), lines]
    parts += (_text_grid(header, rows, width) for header, rows in table.details)
    parts += (f'{label}: {printable(text, keep=_LINES)}' for label, text in table.notes)
    return '\n\n'.join(parts)


def describe_table_html(table: Description) -> str:
    """A table as HTML."""
    first, *others = table.title.split('\n')
    parts = [
        f'<div><strong>{html.escape(first)}</strong></div>',
        *(f'<div>{html.escape(each)}</div>' for each in others),
    ]
    parts.append(html.text_table(_COLUMNS, table.columns))
    parts += (html.text_table(header, rows) for header, rows in table.details)
    parts += (_labelled(label, text) for label, text in table.notes)
    return ''.join(parts)


def describe_query(path: str, columns: Rows, clauses: Rows, *, width: int | None = None) -> str:
    """A query over the table `path` as text.

    `columns` are (name, type, expression); `clauses` are such as `('Where', 'k > 1')`, in the order to show them.
    """
    lines = [f'{label}: {printable(clause)}' for label, clause in (('From', path), *clauses)]
    return _text_grid(_OUTPUTS, columns, width) + '\n\n' + '\n'.join(lines)


def describe_query_html(path: str, columns: Rows, clauses: Rows) -> str:
    """A query as HTML; the arguments are those of `describe_query`."""
    lines = [_labelled(label, clause) for label, clause in (('From', path), *clauses)]
    return html.text_table(_OUTPUTS, columns) + ''.join(lines)


def _filled(header: Sequence[str], rows: Rows) -> tuple[Sequence[str], Rows]:
    """Without columns that have nothing in them."""
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    return [header[place] for place in kept], [tuple(row[place] for place in kept) for row in rows]


def _text_grid(header: Sequence[str], rows: Rows, width: int | None, *, dotted_after: int = 0) -> str:
    texts = [[printable(text) for text in row] for row in rows]
    width = terminal_width() if width is None else width
    return '\n'.join(aligned(header, texts, width=width, wrap=True, dotted_after=dotted_after))


def _labelled(label: str, text: str) -> str:
    return f'<div>{html.escape(label)}: {html.escape(text)}</div>'
