"""Descriptions of tables and queries, as text and as HTML, from plain texts: what `describe()` and `repr` show.

Nothing is cut: long expressions wrap.
"""

from __future__ import annotations

from collections.abc import Sequence

from pixeltable.api.render import html
from pixeltable.api.render.grid import terminal_width
from pixeltable.api.render.layout import aligned
from pixeltable.api.render.values import printable

Rows = Sequence[tuple[str, ...]]

_COLUMNS = ('Column Name', 'Type', 'Computed With', 'Comment')
_INDEXES = ('Index Name', 'Column', 'Metric', 'Embedding')
_OUTPUTS = ('Name', 'Type', 'Expression')
_COMMENT = 3


def describe_table(title: str, columns: Rows, indexes: Rows, comment: str, *, width: int | None = None) -> str:
    """A table as text.

    `title` is such as `table 'docs'`; `columns` are (name, type, computed with, comment), `indexes` are (name, column,
    metric, embedding function).
    """
    parts = [printable(title), _text_grid(*_without_comments(columns), width)]
    if indexes:
        parts.append(_text_grid(_INDEXES, indexes, width))
    if comment:
        parts.append(f'COMMENT: {printable(comment)}')
    return '\n\n'.join(parts)


def describe_table_html(title: str, columns: Rows, indexes: Rows, comment: str) -> str:
    """A table as HTML; the arguments are those of `describe_table`."""
    parts = [f'<div><strong>{html.escape(title)}</strong></div>', html.text_table(*_without_comments(columns))]
    if indexes:
        parts.append(html.text_table(_INDEXES, indexes))
    if comment:
        parts.append(_labelled('COMMENT', comment))
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


def _without_comments(columns: Rows) -> tuple[Sequence[str], Rows]:
    """Header and rows, without the comments if no column has one."""
    if any(column[_COMMENT] for column in columns):
        return _COLUMNS, columns
    return _COLUMNS[:_COMMENT], [column[:_COMMENT] for column in columns]


def _text_grid(header: Sequence[str], rows: Rows, width: int | None) -> str:
    texts = [[printable(text) for text in row] for row in rows]
    return '\n'.join(aligned(header, texts, width=terminal_width() if width is None else width, wrap=True))


def _labelled(label: str, text: str) -> str:
    return f'<div>{html.escape(label)}: {html.escape(text)}</div>'
