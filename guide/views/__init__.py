"""What the reader sees, one view module per kind of page."""
