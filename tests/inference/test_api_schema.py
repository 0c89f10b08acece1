"""The API keeps its own description: whatever is asked, the answer is one that it promises.

API_CASES says how many things are asked in all; half of them fit the description, half do not.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from inference import presence, streams
from tests import factories

pytestmark = pytest.mark.django_db
CASES = int(os.environ.get("API_CASES", "2000"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = 10
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(autouse=True)
def library(broker: object, settings: Any) -> Iterator[None]:
    """Something of everything, and a worker, so that runs are taken."""
    # As Django's own test client does: the connection belongs to the test, not to the request.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    settings.MAX_WAITING_RUNS = settings.MAX_RUNS_PER_MINUTE = 1_000_000
    presence.announce(streams.client(), presence.Presence("w", "embedded", 1, 1024, 0, 8))
    term = factories.make_definition("inference")
    factories.make_example(term, prompt="Explain [topic].")
    factories.make_faq(term)
    factories.make_source(term)
    factories.make_prompt("letter", tags=["letters"], techniques=[term])
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_every_answer_is_one_that_the_description_promises() -> None:
    api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [result.ok() for result in api.get_all_operations()]
    assert len(operations) == OPERATIONS
    asked = 0
    kinds = [(one, mode) for one in operations for mode in MODES if takes_something(one)]
    each = settings(
        max_examples=-(-CASES // len(kinds)),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation, mode in kinds:

        @each
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(checks=CHECKS)

        ask()
    assert asked >= CASES


def takes_something(operation: Any) -> bool:
    """What takes nothing can be asked in one way only; the tests beside this one do."""
    return bool(list(operation.iter_parameters()) or operation.body)
