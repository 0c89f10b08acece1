"""Whenever curated content changes, its search document and the content stamp follow."""


def connect() -> None:
    pass
