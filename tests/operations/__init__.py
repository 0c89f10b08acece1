"""Start, supervision, broker, headers and error pages."""
