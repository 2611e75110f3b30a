"""What the modules of remote providers share: an authenticated client, errors, images in messages, tools, and prices.

Limits, retries and the ledger are not here: they wrap every function that has a resource pool (see `exec.limits`).
"""
