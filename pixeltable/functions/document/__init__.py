"""Documents in pieces. PDF, HTML, Markdown, Word, PowerPoint, Excel, XML and plain text are read inside of the process."""

from pixeltable.functions.document.splitter import document_splitter
from pixeltable.functions.document.types import BoundingBox, DocumentChunk, Heading

__all__ = ['BoundingBox', 'DocumentChunk', 'Heading', 'document_splitter']
