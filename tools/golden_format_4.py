"""What golden homes hold from format 4 on: views of rows and of queries; one that was dropped, and one that is a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import golden_media  # type: ignore[import-not-found]


def build(pxt: Any, home: Path, restart: Callable[[], None]) -> None:
    """Adds to the home."""
    from golden_functions import picky, pieces, shout  # type: ignore[import-not-found]

    t = pxt.create_table('viewed', {'pages': pxt.Int, 'title': pxt.String}, on_error='ignore')
    t.insert([{'pages': number, 'title': f'title {number}'} for number in range(30)])
    more = {'loud': shout(t.title), 'square': picky(t.pages), 'note': pxt.String | None}
    short = pxt.create_view('short', t.where(t.pages < 20), additional_columns=more, comment='of few pages')
    even = pxt.create_view('even', short.where(short.pages % 2 == 0).select(short.title, half=short.pages // 2))
    pxt.create_view('gone', t.where(t.pages > 25))
    t.insert([{'pages': number, 'title': f'new {number}'} for number in range(15, 25)])
    short.update({'note': 'read'}, where=short.pages < 5)
    t.update({'title': 'changed'}, where=t.pages == 4)
    t.update({'pages': t.pages + 10}, where=t.pages == 12)
    t.delete(t.pages == 6)
    even.add_computed_column(twice=even.half * 2)
    pxt.create_view('cut', t.where(t.pages < 5).sample(fraction=0.9, seed=1), iterator=pieces(t.title, least=2))
    pxt.create_snapshot(
        'then', short.where(short.pages > 3).select(short.title), additional_columns={'n': short.pages + 1}
    )
    t.update({'title': 'changed again'}, where=t.pages == 3)
    pxt.drop_table('gone')
    t.insert([{'pages': 8, 'title': 'last'}])
    _queries(pxt, t, short)
    _expressions(pxt)
    golden_media.build(pxt)


def _queries(pxt: Any, t: Any, short: Any) -> None:
    """Views with joins, groups and limits."""
    from golden_functions import shout

    from pixeltable.functions import count, sum  # noqa: A004

    shelves = pxt.create_table('shelves', {'pages': pxt.Int, 'name': pxt.String})
    shelves.insert([{'pages': number, 'name': f'shelf {number}'} for number in range(3, 9)])
    placed = t.join(shelves, on=t.pages == shelves.pages).select(t.title, loud=shout(shelves.name))
    pxt.create_view('placed', placed, additional_columns={'both': t.title + shelves.name})
    by_length = pxt.create_view('by_length', t.group_by(t.pages % 4).select(n=count(t.title), s=sum(t.pages)))
    pxt.create_view(
        'long', short.order_by(short.pages, asc=False).limit(4), additional_columns={'seen': pxt.Bool | None}
    )
    pxt.create_snapshot('lengths', by_length.where(by_length.n > 1))
    t.insert([{'pages': 5, 'title': 'between'}])
    shelves.delete(shelves.pages == 4)


def _expressions(pxt: Any) -> None:
    """Kinds of expressions that came with this format, in columns."""
    t = pxt.create_table('choices', {'k': pxt.Int | None, 'list': pxt.Json})
    t.add_computed_column(size=pxt.case((t.k > 3, 'large'), (t.k > 1, 'middling'), otherwise='small'))
    t.add_computed_column(known=pxt.coalesce(t.k, -1))
    t.add_computed_column(within=t.k.isin(t.list))
    t.add_computed_column(more=t.list.map(lambda item: item + 1))
    t.add_computed_column(few=t.list.filter(lambda item: (item > 1) & (item < t.k)))
    t.add_computed_column(falling=t.list.sort(lambda item: item % 3, asc=False))
    t.insert([{'k': None if k == 2 else k, 'list': [k, 3]} for k in range(5)])
