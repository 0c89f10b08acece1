"""Schema history of the runs."""
