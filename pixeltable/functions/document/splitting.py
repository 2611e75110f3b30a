"""The rows of a document. Nothing is read before it is needed, and nothing is kept that was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._documents import chunks, pdf, reading
from pixeltable.functions._documents.blocks import Block
from pixeltable.functions._documents.chunks import Chunk
from pixeltable.functions._documents.sources import Source, sort_of
from pixeltable.functions._documents.tokens import tokens_of
from pixeltable.functions._documents.windows import Characters, windows
from pixeltable.functions.document.options import Options
from pixeltable.functions.document.types import DocumentChunk
from pixeltable.functions.string import sentences
from pixeltable.types.media_paths import reference_of


def rows(path: str, options: Options) -> Iterator[DocumentChunk]:
    """The rows, with the columns that are asked for.

    Raises:
        RequestError: INVALID_DATA_FORMAT, it cannot be read; UNSUPPORTED_OPERATION, such documents are not split in this way.
    """
    source = _source(path)
    try:
        yield from _rows(source, options)
    except OSError as error:
        raise source.broken(error.strerror or error) from error


def _rows(source: Source, options: Options) -> Iterator[DocumentChunk]:
    sort = sort_of(source)
    if sort == 'pdf' and 'paragraph' in options.separators:
        raise _unsupported(source, 'a PDF knows no paragraphs; take page, sentence or a limit')
    if sort != 'pdf' and 'image' in options.elements:
        raise _unsupported(source, f'there are pictures of the pages of a PDF only, and this is {sort}')
    title = reading.title_of(source, sort) if 'title' in options.metadata else None
    if 'image' in options.elements:
        for block, picture in pdf.pictures(source, options.image_dpi):
            image = _stored(picture, options.image_format)
            yield _row(Chunk(block.text, block, None), title, image, options.columns)
    else:
        for chunk in _chunks(source, sort, options):
            yield _row(chunk, title, None, options.columns)


def _source(path: str) -> Source:
    reference = reference_of(path)
    return Source(path, name=path if reference.startswith('file:') else reference.partition('?')[0])


def _chunks(source: Source, sort: str, options: Options) -> Iterator[Chunk]:
    boxes = 'bounding_box' in options.metadata
    blocks: Iterator[Block] = reading.blocks(source, sort, skip_tags=options.skip_tags, boxes=boxes)
    if 'sentence' in options.separators:
        blocks = chunks.sentences(blocks, sentences.splitter(options.spacy_model))
    measure = Characters() if options.encoding is None else tokens_of(options.encoding)
    for group in chunks.groups(blocks, options.separators):
        if options.limit is None:
            yield chunks.whole(group)
        else:
            yield from windows(group, measure, options.limit, options.overlap)


def _row(chunk: Chunk, title: str | None, image: str | None, columns: Sequence[str]) -> DocumentChunk:
    first, box = chunk.first, chunk.box
    row = {
        'text': chunk.text,
        'image': image,
        'title': title,
        'heading': None if first.headings is None else dict(first.headings),
        'sourceline': first.line,
        'page': first.page,
        'bounding_box': None if box is None else dict(zip(('x1', 'y1', 'x2', 'y2'), box, strict=True)),
    }
    return cast(DocumentChunk, {name: row[name] for name in columns})


def _stored(picture: Any, format_: str) -> str:
    """A file with the picture: those of a long document do not fit into memory."""
    path = temporary.new_file(f'.{format_.lower()}')
    try:
        picture.save(path, format_)
    except (OSError, ValueError) as error:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'a page cannot be written as {format_}: {error}; take another image_format.'
        ) from error
    return path


def _unsupported(source: Source, reason: str) -> RequestError:
    return RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{source.name!r} cannot be split so: {reason}.')
