"""`document_splitter`: every separator, limit, column and format."""

from __future__ import annotations

from typing import Any

import papers
import pytest

from pixeltable.media.images import open_image

HTML = """<html><head><title>A  page</title><style>p {}</style></head><body><nav>menu</nav>
<h1>One</h1><p>Al<b>pha</b> &amp; beta.
It goes on.</p><div>before<p>inside</p>after</div>
<h2>Two</h2><ul><li>first<li>second</ul><pre>a
  b</pre><table><tr><th>k<td>v</table><script>x()</script><footer>end</footer></body></html>"""
MARKDOWN = """---
title: "A page"
---
Before.

# One

Alpha *beta*
with `code` and [a link](http://x.y).

## Two

- first
- second

```python
print(1)
```

| k | v |
|---|---|
| 1 | 2 |

# Three
"""
PDF = papers.pdf([['First page. It has', 'two lines.'], [], ['Last page.']], title='A paper')


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row['text'] for row in rows]


def test_html(split) -> None:
    found = split('a.html', HTML, 'heading', metadata='title, heading')
    assert found == [
        {
            'text': 'One\nAlpha & beta. It goes on.\nbefore\ninside\nafter',
            'title': 'A page',
            'heading': {'h1': 'One'},
        },
        {
            'text': 'Two\nfirst\nsecond\na\n  b\nk\tv\nend',
            'title': 'A page',
            'heading': {'h1': 'One', 'h2': 'Two'},
        },
    ]
    lines = split('a.html', HTML, 'paragraph', metadata='sourceline', skip_tags=['footer', 'DIV'])
    assert [(row['text'], row['sourceline']) for row in lines[:4]] == [
        ('menu', 1),
        ('One', 2),
        ('Alpha & beta. It goes on.', 2),
        ('Two', 4),
    ]
    assert 'end' not in texts(lines)


def test_html_without_a_head(split) -> None:
    page = '<!doctype html><title>A &amp; B</title>before<svg><title>x</title></svg><nav>no<nav>no</nav>no</nav> after'
    assert split('a.html', page, '', metadata='title') == [{'text': 'before after', 'title': 'A & B'}]


def test_markdown(split) -> None:
    found = split('a.md', MARKDOWN, 'heading', metadata='title,heading,sourceline')
    assert [(row['text'], row['heading'], row['sourceline']) for row in found] == [
        ('Before.', {}, 4),
        ('One\nAlpha beta with code and a link.', {'h1': 'One'}, 6),
        ('Two\nfirst\nsecond\nprint(1)\nk\tv\n1\t2', {'h1': 'One', 'h2': 'Two'}, 11),
        ('Three', {'h1': 'Three'}, 24),
    ]
    assert found[0]['title'] == 'A page'


def test_text(split) -> None:
    text = '\n One. Two\ngoes on.\n\n\n\tThree.\n'
    assert texts(split('a.txt', text, '')) == ['One. Two\ngoes on.\n\n\n\tThree.']
    assert split('a.txt', text, 'paragraph', metadata='sourceline,heading,page,title') == [
        {'text': 'One. Two\ngoes on.', 'sourceline': 2, 'heading': None, 'page': None, 'title': None},
        {'text': '\tThree.', 'sourceline': 6, 'heading': None, 'page': None, 'title': None},
    ]
    assert texts(split('a.txt', text, 'sentence')) == ['One.', 'Two\ngoes on.', 'Three.']


def test_xml(split) -> None:
    text = '<?xml version="1.0" encoding="iso-8859-1"?><a>\n<b x="1">one <!-- no -->more</b><![CDATA[<two>]]></a>'
    found = split('a.xml', text, 'paragraph', metadata='sourceline')
    assert found == [{'text': 'one more', 'sourceline': 2}, {'text': '<two>', 'sourceline': 2}]
    assert [row['text'] for row in split('b.xml', '<a>one<b>two</b></a>', 'paragraph')] == ['one', 'two']


def test_pages(split) -> None:
    found = split('a.pdf', PDF, 'page', metadata='page,title,bounding_box')
    assert [(row['text'], row['page'], row['title']) for row in found] == [
        ('First page. It has\ntwo lines.', 0, 'A paper'),
        ('Last page.', 2, 'A paper'),
    ]
    box = found[0]['bounding_box']
    assert box['x1'] == pytest.approx(72, abs=2)
    assert (box['y1'], box['y2']) == (pytest.approx(64, abs=2), pytest.approx(86, abs=2))
    assert texts(split('a.pdf', PDF, '')) == ['First page. It has\ntwo lines.\nLast page.']


def test_boxes_of_sentences(split) -> None:
    first, second, last = split('a.pdf', PDF, 'sentence', metadata='bounding_box,page')
    assert (second['text'], second['page'], last['page']) == ('It has\ntwo lines.', 0, 2)
    assert first['bounding_box']['y2'] < second['bounding_box']['y2']
    assert first['bounding_box']['y1'] == second['bounding_box']['y1']  # which begins on the same line


@pytest.mark.parametrize(('format_', 'stored'), [('png', 'PNG'), ('jpg', 'JPEG'), ('WebP', 'WEBP')])
def test_pictures_of_pages(split, format_: str, stored: str) -> None:
    both = ['image', 'text']
    found = split('a.pdf', PDF, 'page', elements=both, metadata='page', image_dpi=36, image_format=format_)
    images = [open_image(row['image']) for row in found]
    assert [(image.size, image.format) for image in images] == [((306, 396), stored)] * 3
    assert [(row['text'][:5], row['page']) for row in found] == [('First', 0), ('', 1), ('Last ', 2)]
    dark, _ = images[0].convert('L').getextrema()
    assert dark < 100


def test_the_resolution(split) -> None:
    (row,) = split('a.pdf', papers.pdf([['a']]), 'page', elements=['image'])
    assert list(row) == ['image']
    assert open_image(row['image']).size == (2550, 3300)


def test_word(split) -> None:
    found = split('a.docx', papers.word(), 'heading', metadata='title,heading')
    assert [(row['text'], row['heading']) for row in found] == [
        ('Report\nIt begins.', {'h1': 'Report'}),
        ('Part\nBold words.\nk\tv\nacross', {'h1': 'Report', 'h2': 'Part'}),
    ]
    assert found[0]['title'] == 'A report'


def test_slides(split) -> None:
    found = split('a.pptx', papers.slides(), 'page', metadata='title,heading,page')
    assert [(row['text'], row['heading'], row['page']) for row in found] == [
        ('First\nIt says\nthis.\nk\tv\nsaid aloud', {'h1': 'First'}, 0),
        ('Second\nThe end.', {'h1': 'Second'}, 1),
    ]
    assert found[0]['title'] == 'A talk'


def test_sheets(split) -> None:
    rows = 'name\tprice\ntea\t2.5\n2024-01-02\t2024-01-02 03:04:00'
    found = split('a.xlsx', papers.sheets(), 'page', metadata='title,heading,page')
    assert found == [
        {'text': f'Prices\n{rows}', 'title': 'A book', 'heading': {'h1': 'Prices'}, 'page': 0},
        {'text': 'Rest\n\t\tlate', 'title': 'A book', 'heading': {'h1': 'Rest'}, 'page': 1},
    ]


def test_limits(split) -> None:
    text = 'Alpha beta gamma delta. Epsilon!'
    found = texts(split('a.txt', text, 'char_limit', limit=12, overlap=2))
    assert found == ['Alpha beta g', ' gamma delta', 'ta. Epsilon!']
    assert texts(split('a.txt', text, 'sentence,char_limit', limit=12)) == ['Alpha beta g', 'amma delta.', 'Epsilon!']
    assert texts(split('a.pdf', PDF, 'page,token_limit', limit=100)) == texts(split('a.pdf', PDF, 'page'))
    assert texts(split('a.pdf', PDF, 'token_limit', limit=100)) == texts(split('a.pdf', PDF, ''))


@pytest.mark.parametrize('kwargs', [{}, {'tiktoken_encoding': 'o200k_base'}, {'tiktoken_target_model': 'gpt-4.1-mini'}])
def test_tokens(split, kwargs: dict[str, str]) -> None:
    found = texts(split('a.txt', 'Hello world, hello again.', 'token_limit', limit=3, overlap=1, **kwargs))
    assert found == ['Hello world,', ', hello again', ' again.']
