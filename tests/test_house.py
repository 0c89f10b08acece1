"""The shape of the house: who may import whom, and that every setting is documented."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "guide", "inference", "operations", "training")
HEAVY = {"torch", "transformers"}
MAY_LOAD_MODELS = {
    "inference/engine/runner.py",
    "inference/engine/cache.py",
    "inference/engine/memory.py",
    "inference/engine/sampler.py",
    "inference/engine/penalties.py",
    "inference/engine/scoring.py",
    "inference/engine/noise.py",
    "inference/engine/loading.py",
    "inference/engine/tokenizer.py",
}
# Rooms of the web side: a page must never pull the engine in.
WEB_SIDE = (
    *(
        "api",
        "api_schemas",
        "events",
        "forms",
        "housekeeping",
        "identity",
        "limits",
        "models",
        "presence",
    ),
    *("presentation", "services", "sources", "sse", "streams", "tickets", "urls", "views"),
)


def modules() -> list[Path]:
    return [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path, *, at_load: bool = False) -> set[str]:
    """The dotted names a module imports; `at_load` leaves out imports inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if at_load and id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(names: set[str], *packages: str) -> set[str]:
    return {n for n in names for p in packages if n == p or n.startswith(f"{p}.")}


def test_the_guide_knows_nothing_of_inference():
    for path in (ROOT / "guide").rglob("*.py"):
        forbidden = reaches(imports(path), "inference", "celery", "redis", *HEAVY)
        assert not forbidden, f"{name_of(path)} imports {forbidden}"


def test_variables_need_the_standard_library_only():
    names = imports(ROOT / "guide/variables.py")
    assert {n.split(".")[0] for n in names} <= {"re", "collections", "html", "typing"}, names


@pytest.mark.parametrize("room", WEB_SIDE)
def test_the_web_side_never_loads_an_engine(room):
    names = imports(ROOT / f"inference/{room}.py")
    forbidden = reaches(
        names, "inference.engine", "inference.execution", "inference.worker", *HEAVY
    )
    assert not forbidden


def test_the_engine_has_never_heard_of_the_site():
    for path in (ROOT / "inference/engine").rglob("*.py"):
        forbidden = reaches(
            imports(path), "django", "celery", "redis", "guide", "config", "operations"
        )
        foreign = {
            n for n in reaches(imports(path), "inference") if not n.startswith("inference.engine")
        }
        assert not forbidden | foreign, f"{name_of(path)} imports {forbidden | foreign}"


def test_only_the_rooms_of_the_model_import_torch():
    for path in (ROOT / "inference").rglob("*.py"):
        name = name_of(path)
        if name in MAY_LOAD_MODELS or name.startswith("inference/engine/backends/"):
            continue
        assert not reaches(imports(path), *HEAVY), f"{name} imports torch or transformers"


def test_execution_gets_its_engine_handed_in():
    names = reaches(imports(ROOT / "inference/execution.py"), "inference.engine")
    assert {n.rsplit(".", 1)[0] for n in names} <= {
        "inference.engine.errors",
        "inference.engine.sequence",
    }


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_every_module_opens_with_one_sentence(path):
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        pytest.fail("an empty module: delete it or say what it is")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", "…", "?"))


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_is_one_thought(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_no_room_for_leftovers():
    names = {path.stem for path in modules()}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def test_every_setting_of_the_environment_is_documented():
    read = re.compile(r'(?:env\.\w+|whole_number)\(\s*"([A-Z_]+)"')
    names = {
        name
        for path in (ROOT / "config").glob("*.py")
        for name in read.findall(path.read_text(encoding="utf-8"))
    }
    documented = set(
        re.findall(r"^#?\s?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M)
    )
    assert names == documented


def test_nothing_is_loaded_from_another_host():
    outside = re.compile(r"""(?:src|href)=["']https?://|url\(\s*["']?https?:|@import""")
    for folder, pattern in (("templates", "*.html"), ("static", "*.css"), ("static", "*.js")):
        for path in (ROOT / folder).rglob(pattern):
            for line in path.read_text(encoding="utf-8").splitlines():
                if outside.search(line) and "<a " not in line:
                    pytest.fail(f"{name_of(path)}: {line.strip()}")


def test_no_inline_script_and_no_inline_style():
    inline = re.compile(r"<script(?![^>]*(?:src=|ld\+json))[^>]*>|\son\w+=[\"']|\sstyle=[\"']")
    for path in (ROOT / "templates").rglob("*.html"):
        assert not inline.search(path.read_text(encoding="utf-8")), name_of(path)
