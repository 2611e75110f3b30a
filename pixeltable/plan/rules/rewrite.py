"""Applies a local rewrite to every step of a plan."""

from __future__ import annotations

from collections.abc import Callable

from pixeltable.plan.logical import CountRows, Plan, Scan, with_input


def bottom_up(plan: Plan, rewrite: Callable[[Plan], Plan]) -> Plan:
    """Rewrites the input of each step first, then the step itself."""
    if isinstance(plan, (Scan, CountRows)):
        return rewrite(plan)
    return rewrite(with_input(plan, bottom_up(plan.input, rewrite)))
