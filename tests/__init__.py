"""What is promised, kept by tests: real database, real broker, real browser."""
