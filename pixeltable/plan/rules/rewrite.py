"""Applies a local rewrite to every step of a plan."""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.plan.logical import Plan
from pixeltable.plan.tree import inputs, with_inputs


def bottom_up(plan: Plan, rewrite: Callable[[Plan], Plan]) -> Plan:
    """Rewrites the inputs of each step first, then the step itself."""
    return rewrite(with_inputs(plan, [bottom_up(below, rewrite) for below in inputs(plan)]))
