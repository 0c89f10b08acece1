"""The rules of [variables], in the cases that the browser's version is tested against as well."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from guide.variables import fill, find, highlight

CASES = json.loads(Path(__file__).with_name("variables_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["template"][:40])
def test_a_template_is_read_and_filled_by_the_shared_rules(case: dict[str, Any]) -> None:
    assert find(case["template"]) == case["names"]
    assert fill(case["template"], case["values"]) == case["filled"]


def test_a_highlighted_template_is_escaped_and_marks_its_variables() -> None:
    html = highlight('<b>"[topic]"</b> & \\[1\\]')
    marked = '<mark class="variable">[topic]</mark>'
    assert html == f"&lt;b&gt;&quot;{marked}&quot;&lt;/b&gt; &amp; [1]"


def test_code_is_not_highlighted_but_escaped() -> None:
    assert highlight("```\n[a] <i>\n```") == "```\n[a] &lt;i&gt;\n```"


@pytest.mark.parametrize("part", ["[", "[a", "[a](", "\\[", "```\n", "`", "[a]", "~~~ \n", " "])
def test_fifty_kilobytes_of_anything_are_read_within_fifty_milliseconds(part: str) -> None:
    text = part * (50_000 // len(part))
    find(text[:100])
    started = time.perf_counter()
    find(text)
    # The promise is 50 ms on a quiet machine; a quadratic rule would need seconds.
    assert time.perf_counter() - started < 0.5


def test_the_module_needs_nothing_but_the_standard_library() -> None:
    program = "import sys; import guide.variables; print('django' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr
