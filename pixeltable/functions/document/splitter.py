"""The iterator that splits documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pixeltable.functions.document.options import Options, check, columns
from pixeltable.functions.document.types import DocumentChunk
from pixeltable.functions.string.sentences import OWN_RULES
from pixeltable.iterators.decorators import iterator

if TYPE_CHECKING:
    Document = str
else:
    from pixeltable.types.spelling import Document


@iterator
def document_splitter(
    document: Document,
    separators: str,
    *,
    elements: list[Literal['text', 'image']] | None = None,
    limit: int | None = None,
    overlap: int | None = None,
    metadata: str = '',
    skip_tags: list[str] | None = None,
    spacy_model: str = OWN_RULES,
    tiktoken_encoding: str | None = 'cl100k_base',
    tiktoken_target_model: str | None = None,
    image_dpi: int = 300,
    image_format: str = 'png',
) -> Iterator[DocumentChunk]:
    """A row for each chunk of a document, with the column `text` or `image`, or both, and those that `metadata` names.

    What a file is, its content decides: PDF, HTML, Markdown, Word, PowerPoint, Excel, XML, or plain text. What the text of a
    file is made of is paragraphs, headings, items, rows of tables, and of a PDF whole pages.

    Args:
        separators: where a chunk ends, as a list with commas: `heading`, `paragraph` (not in a PDF), `sentence`, `page` (or
            slide, or sheet), and either `char_limit` or `token_limit`; `''` makes one chunk of each document.
        elements: `text`, `image`, or both. Pictures are those of the pages of a PDF, with `page` as the one separator.
        limit: the most characters or tokens of a chunk. What is longer is cut.
        overlap: how many of them a chunk has in common with the one before.
        metadata: more columns, as a list with commas: `title`, that of the document; `heading`, the headings above its start, by
            level; `sourceline`, its line from 1 in HTML, Markdown, XML and text; `page`, its page from 0; and for PDF
            `bounding_box`, the place of its lines on that page.
        skip_tags: elements of HTML that are left out; `['nav']` unless told otherwise.
        spacy_model: a spaCy pipeline that finds the sentences. With the default, rules do that.
        tiktoken_encoding: what tokens are: `cl100k_base`, `o200k_base`, or `voyage3_base`.
        tiktoken_target_model: the model whose encoding is taken instead, such as `gpt-4o`.
        image_dpi: pixels of an inch in pictures of pages.
        image_format: how these are stored, as Pillow calls it.

    Raises:
        RequestError: MISSING_REQUIRED, UNSUPPORTED_OPERATION or INVALID_ARGUMENT for options that do not go together. A document
            that cannot be read, or not be split in this way, has no rows.

    Example:
        >>> pxt.create_view('chunks', t, iterator=document_splitter(t.doc, 'page,token_limit', limit=300, metadata='page'))
    """
    given = {name: value for name, value in locals().items() if name != 'document'}
    from pixeltable.functions.document.splitting import rows  # its readers would make the start slower

    yield from rows(document, Options.of(given))


document_splitter.validate(check)
document_splitter.conditional_output_schema(columns)
