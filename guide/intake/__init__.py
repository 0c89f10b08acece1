"""Prompts from a file that somebody uploads: read, compared with the library, then brought in."""
