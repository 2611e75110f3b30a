from __future__ import annotations

from pixeltable.api.render.describe import describe_query, describe_query_html, describe_table, describe_table_html

COLUMNS = [('title', 'String', '', ''), ('upper', 'String | None', 'title.upper()', 'for <search>')]
INDEXES = [('idx0', 'title', 'cosine', 'embed')]


def test_table() -> None:
    expected = """
table 'docs'

Column Name  Type           Computed With  Comment
───────────  ─────────────  ─────────────  ────────────
title        String
upper        String | None  title.upper()  for <search>

Index Name  Column  Metric  Embedding
──────────  ──────  ──────  ─────────
idx0        title   cosine  embed

COMMENT: all of them
"""
    assert describe_table("table 'docs'", COLUMNS, INDEXES, 'all of them', width=80) == expected.strip('\n')


def test_table_without_comments_or_indexes() -> None:
    text = describe_table("table 'docs'", COLUMNS[:1], [], '', width=80)
    assert 'Comment' not in text
    assert 'Index' not in text


def test_long_expressions_wrap() -> None:
    expression = ' + '.join(['title'] * 40)
    text = describe_table("table 'docs'", [('a', 'String', expression, '')], [], '', width=60)
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
    text = describe_table_html("table '<b>'", COLUMNS, INDEXES, '<i>')
    assert '<b>' not in text
    assert '<i>' not in text
    assert 'for &lt;search&gt;' in text
    assert 'Where: k &lt; 1' in describe_query_html('docs', [('k', 'Int', 'k')], [('Where', 'k < 1')])
