"""Browsing the prompt library: facets with counts, sorting, and the addresses of each choice."""
