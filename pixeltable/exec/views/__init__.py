"""Views: what a change of a table means for the views of it, carried out in the same commit.

`difference` finds what differs between two states of the base; `refresh` makes of that the changes of one view; `following` does
so for all views of a table, and the views of those, for each commit.
"""
