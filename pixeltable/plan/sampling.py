"""Samples: rows are chosen by a hash of their id and the seed, so the same rows come again, and a larger sample holds a smaller.

Within a stratum of `size` rows, the one that is number `rank` by that hash has the place `(rank - 0.5) / size`, between 0 and 1:
taking the rows with the lowest places takes from each stratum its share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pixeltable.exprs.build import literal
from pixeltable.exprs.nodes import Aggregate as AggregateNode
from pixeltable.exprs.nodes import Field, Node, Operation
from pixeltable.exprs.windows import Frame, Ordering, Ranking, Window
from pixeltable.plan.logical import Filter, Limit, Named, Plan, Sort, Windows
from pixeltable.plan.query import Sample
from pixeltable.types.column_type import BOOL, FLOAT, INT

KEYS = 2**53
"""Sample keys are from 0 up to here."""

_RANK, _SIZE = Field(INT, 'sample_rank'), Field(INT, 'sample_size')


def sampled(plan: Plan, sample: Sample, row_ids: Sequence[Field], bind: Callable[[Node], Node]) -> Plan:
    """The rows of `plan` that are in the sample."""
    key = sample_key(row_ids[0], sample.seed)
    if not sample.strata:
        if sample.fraction is not None:
            return Filter(plan, in_fraction(row_ids[0], sample.seed, sample.fraction))
        return Limit(Sort(plan, (Ordering(key), Ordering(row_ids[0]))), sample.n, 0)
    strata = tuple(bind(node) for node in sample.strata)
    order = (Ordering(key), Ordering(row_ids[0]))
    rank = Window(INT, Ranking(INT, 'row_number'), strata, order, Frame(None, 0))
    size = Window(INT, AggregateNode(INT, 'count', None), strata, (), Frame(None, None))
    plan = Windows(plan, (Named(_RANK.name, rank), Named(_SIZE.name, size)))
    if sample.n_per_stratum is not None:
        return Filter(plan, Operation(BOOL, 'le', (_RANK, literal(sample.n_per_stratum))))
    place = Operation(FLOAT, 'div', (Operation(FLOAT, 'sub', (_RANK, literal(0.5))), _SIZE))
    if sample.fraction is not None:
        return Filter(plan, Operation(BOOL, 'lt', (place, literal(float(sample.fraction)))))
    return Limit(Sort(plan, (Ordering(place), *order)), sample.n, 0)


def sample_key(row_id: Node, seed: int) -> Node:
    """A number from 0 up to `KEYS` that depends on the row and the seed alone."""
    return Operation(INT, 'sample_key', (row_id, literal(seed)))


def in_fraction(row_id: Node, seed: int, fraction: float) -> Node:
    """The condition that a row is in a sample of `fraction` of all rows."""
    return Operation(BOOL, 'lt', (sample_key(row_id, seed), literal(round(fraction * KEYS))))
