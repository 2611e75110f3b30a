# Section "Versioning and Snapshots", verbatim.
# Create snapshot before major refactor
pxt.snapshot('my_table', name='pre-refactor', tags=['stable'])

# Make changes...
my_table.add_computed_column(new_feature=...)

# Rollback if needed
pxt.restore('my_table', snapshot='pre-refactor')
