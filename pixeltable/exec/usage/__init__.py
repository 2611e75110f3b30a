"""What calls of user functions use: budgets that stop an operation, and the record of what was used."""
