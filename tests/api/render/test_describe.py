from __future__ import annotations

from pixeltable.api.render.describe import (
    Description,
    describe_query,
    describe_query_html,
    describe_table,
    describe_table_html,
)

COLUMNS = [('title', 'String', 'docs', '', ''), ('upper', 'String | None', 'docs', 'title.upper()', 'for <search>')]
INDEXES = [('idx0', 'title', 'embedding', 'cosine', 'embed(title)'), ('idx1', 'title', 'btree', '', '')]


def test_table() -> None:
    expected = """
table 'docs'

Column Name  Type           Source  Computed With  Comment
───────────  ─────────────  ──────  ─────────────  ────────────
title        String         docs
upper        String | None  docs    title.upper()  for <search>

Index Name  Column  Type       Metric  Embedding
──────────  ──────  ─────────  ──────  ────────────
idx0        title   embedding  cosine  embed(title)
idx1        title   btree

Comment: all of them

Custom Metadata: {
    "by": "me"
}
"""
    table = Description("table 'docs'", COLUMNS, INDEXES, 'all of them', '{\n    "by": "me"\n}')
    assert describe_table(table, width=80) == expected.strip('\n')


def test_a_table_that_has_columns_of_another() -> None:
    table = Description("view 'v' (of 'docs')\nWhere: k > 1", [('z', 'Int', 'v', 'k + 1', ''), *COLUMNS[:1]], own=1)
    lines = describe_table(table, width=80).split('\n')
    assert lines[1] == 'Where: k > 1'
    assert lines[6] == '┄' * 51


def test_table_without_comments_or_indexes() -> None:
    text = describe_table(Description("table 'docs'", COLUMNS[:1]), width=80)
    assert 'Comment:' not in text
    assert 'Index' not in text


def test_btrees_have_no_metric() -> None:
    text = describe_table(Description("table 'docs'", COLUMNS, INDEXES[1:]), width=80)
    assert text.endswith('idx1        title   btree')


def test_what_was_said_of_media() -> None:
    media = [('img', 'yes', '', '', ''), ('small', '', 'jpeg', '85', '')]
    table = Description("table 't'", COLUMNS[:1], media=media)
    assert describe_table(table, width=80).endswith("""
Media Column  Pin  Format  Quality
────────────  ───  ──────  ───────
img           yes
small              jpeg    85""")
    assert '>Quality<' in describe_table_html(table)


def test_long_expressions_wrap() -> None:
    expression = ' + '.join(['title'] * 40)
    text = describe_table(Description("table 'docs'", [('a', 'String', 'docs', expression, '')]), width=60)
    assert text.count('title') == 40
    assert max(map(len, text.split('\n'))) <= 60


def test_query() -> None:
    expected = """
Name  Type  Expression
────  ────  ──────────
k     Int   k + 1

From: docs
Where: k > 1
Order By: k desc
"""
    clauses = [('Where', 'k > 1'), ('Order By', 'k desc')]
    assert describe_query('docs', [('k', 'Int', 'k + 1')], clauses, width=80) == expected.strip('\n')


def test_html_is_escaped() -> None:
    text = describe_table_html(Description("table '<b>'", COLUMNS, INDEXES, '<i>'))
    assert '<b>' not in text
    assert '<i>' not in text
    assert 'for &lt;search&gt;' in text
    assert 'Where: k &lt; 1' in describe_query_html('docs', [('k', 'Int', 'k')], [('Where', 'k < 1')])
