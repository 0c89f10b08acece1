"""A small XML document, written element by element and answered whole."""

from io import StringIO
from types import TracebackType
from typing import Self
from xml.sax.xmlreader import AttributesImpl

from django.http import HttpResponse
from django.utils.xmlutils import SimplerXMLGenerator


class XmlDocument(SimplerXMLGenerator):
    """Use with `with`: the root element is open inside and closed at the end."""

    def __init__(self, root: str, namespace: str) -> None:
        self.text = StringIO()
        super().__init__(self.text, "utf-8")
        self.root, self.namespace = root, namespace

    def __enter__(self) -> Self:
        self.startDocument()
        self.startElement(self.root, AttributesImpl({"xmlns": self.namespace}))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.endElement(self.root)
        self.endDocument()

    def answer(self, content_type: str = "application/xml") -> HttpResponse:
        return HttpResponse(self.text.getvalue(), content_type=f"{content_type}; charset=utf-8")
