"""Columns as users hold them: expressions that also know their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pixeltable.api.reading import Readable
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef

if TYPE_CHECKING:
    from pixeltable.api.query import Query
    from pixeltable.api.status import UpdateStatus
    from pixeltable.api.subquery import Subquery
    from pixeltable.api.table import Table


class ColumnExpr(Expr, Readable):
    """A column of a table. Everything that an expression can do, and `collect`, `head`, `count`, `similarity`."""

    __slots__ = ('_column', '_table')

    def __init__(self, table: Table | Subquery, column: ColumnRef) -> None:
        super().__init__(column)
        self._table = table
        self._column = column

    def _query(self) -> Query:
        return self._table._query().select(self)

    def similarity(
        self,
        item: Any = None,
        *,
        string: str | None = None,
        image: Any = None,
        audio: Any = None,
        video: Any = None,
        document: Any = None,
        vector: Any = None,
        idx: str | None = None,
    ) -> Expr:
        """How close each cell is to `item` by an embedding index of this column; higher is closer.

        Args:
            item: what to compare with: a string, an image, … whatever the index's embedding function takes.
            string, image, audio, video, document: the same, naming the modality.
            vector: an embedding, instead of an item to embed.
            idx: the name of the index, if the column has several.

        Returns:
            A Float expression: cosine in [-1, 1], inner product, or minus the L2 distance. It is NULL where the embedding is.

        Raises:
            NotFoundError: INDEX_NOT_FOUND if there is no such index.
            RequestError: MISSING_REQUIRED without an item, INVALID_ARGUMENT for several or for one of the wrong type.
        """
        items = {'string': string, 'image': image, 'audio': audio, 'video': video, 'document': document}
        given = {name: value for name, value in items.items() if value is not None}
        return self._table._similarity(self._column, item, given, vector, idx)

    def embedding(self, idx: str | None = None) -> Expr:
        """The embeddings of this column by one of its indexes, as an expression; `idx` names it if there are several.

        Raises:
            NotFoundError: INDEX_NOT_FOUND. RequestError: INVALID_ARGUMENT for several indexes.
        """
        table: Any = self._table
        return ColumnExpr(table, table._embedding(self._column, idx))

    def count(self, *args: Any, **kwargs: Any) -> Any:
        """The number of rows; with arguments, the method `count` of strings and Json lists."""
        if args or kwargs:
            return self.__getattr__('count')(*args, **kwargs)
        return self._query()._count()

    def recompute(self, cascade: bool = True, errors_only: bool = False) -> UpdateStatus:
        """Computes this column again; see `Table.recompute_columns`."""
        status: UpdateStatus = self._table.recompute_columns(self, cascade=cascade, errors_only=errors_only)
        return status

    def __iter__(self) -> NoReturn:
        raise TypeError(f'{self!r} cannot be iterated: use .collect().')

    def _repr_html_(self) -> str:
        return self._query()._repr_html_()
