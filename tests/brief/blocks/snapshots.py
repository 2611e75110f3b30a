# Section "Versioning and Snapshots", verbatim but for the new column, which is `...` there.
# Create snapshot before major refactor
pxt.snapshot('my_table', name='pre-refactor', tags=['stable'])

# Make changes...
my_table.add_computed_column(new_feature=my_table.text.upper())

# Rollback if needed
pxt.restore('my_table', snapshot='pre-refactor')
