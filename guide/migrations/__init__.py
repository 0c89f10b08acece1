"""Database migrations of the guide."""
