"""Computing columns on a Ray cluster: the setting `executor = 'ray'`.

The driver is the process of the user; it plans, hands out pieces of work, and makes the one commit at the end. Workers read
segments from the data root and write column files to it. `work` travels, `worker` runs elsewhere, `pool` says who does it.
"""
