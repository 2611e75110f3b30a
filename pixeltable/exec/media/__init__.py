"""Media in execution: what functions are given and give, and what is stored."""
