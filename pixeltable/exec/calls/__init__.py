"""Calls of user functions: for the rows of a batch one by one in threads, concurrently for `async def`, in batches, in processes.

`call` is the way in. What surrounds a call (time limit, turn in a pool, retries, budget, ledger) is put round it in `attempts`
and `ledgered`; a plain function that needs none of it is called in a bare loop.
"""
