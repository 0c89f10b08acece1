"""./run refuses what cannot work, in one sentence and with a non-zero exit."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The start script and its requirements in a folder without a virtual environment."""
    folder = tmp_path / "copy"
    (folder / "operations").mkdir(parents=True)
    for name in ("run", "operations/install.sh", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "VIRTUAL"))}
    return subprocess.run(
        ["./run", *arguments],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def fake(folder: Path, name: str, script: str) -> str:
    """A PATH on which `name` is a script of ours."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"


def test_help_names_every_setting_of_the_first_minutes(copy: Path):
    answer = start(copy, "--help")
    assert answer.returncode == 0
    for name in ("PORT", "HOST", "DATABASE_URL", "REDIS_URL", "MODELS_FILE", "DATA_DIR"):
        assert name in answer.stdout


def test_an_argument_is_refused(copy: Path):
    answer = start(copy, "fast")
    assert answer.returncode == 2
    assert "takes no arguments" in answer.stderr


def test_an_old_python_is_named(copy: Path):
    old = 'case "$*" in *version*) echo "Python 3.9.2";; esac; exit 1'
    path = ""
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        path = fake(copy, name, old)
    answer = start(copy, PATH=path)
    assert answer.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed, found: Python 3.9.2" in answer.stderr


def test_a_full_disk_is_named(copy: Path):
    script = 'printf "Filesystem 1024-blocks Used Available\\n/dev/x 100 99 1024 99%% /\\n"'
    answer = start(copy, PATH=fake(copy, "df", script))
    assert answer.returncode == 1
    assert "Only 1 MB are free here" in answer.stderr


def test_a_missing_network_is_named(copy: Path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0"}
    nowhere |= {"PIP_CONFIG_FILE": os.devnull, "UV_INDEX_URL": "http://127.0.0.1:1/simple"}
    answer = start(copy, **nowhere)
    assert answer.returncode == 1
    assert "no network" in answer.stderr
    assert not (copy / ".venv/.installed-requirements").exists()


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("PORT", "0", "PORT is 0"),
        ("PORT", "many", "PORT must be a whole number"),
        ("MODELS_FILE", "/nowhere/models.toml", "models.toml cannot be read"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "does not answer"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none", "database cannot be used"),
        ("HOST", "203.0.113.77", "cannot be used"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, name: str, value: str, part: str):
    environment = os.environ | {"DATA_DIR": str(tmp_path), "PORT": "8765", name: value}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    answer = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "manage.py", "dev"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode != 0
    assert part in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
