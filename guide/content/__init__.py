"""The files of content/ are what we teach; this package reads, checks and loads them."""
