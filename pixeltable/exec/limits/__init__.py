"""Limits of providers, and calls that are tried again: wrappers round one attempt at a call, which know nothing of tables.

From the outside in: `retrying` tries an attempt again if its failure may pass (`failures` says which do), `pool` lets it wait for
its turn. What the turn depends on is shared by all processes on a catalog and computed by pure functions (`shared`) inside one
transaction of the work database: when the next call is due (`pacing`), how fast a provider that does not say its limits may be
called (`adapting`), and how many calls at once each process may have (`sharing`).
"""
