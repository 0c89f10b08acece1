"""Runs, their queue, their stream and their limits."""
