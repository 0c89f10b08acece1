"""Reads the environment, and refuses a value that cannot be right in one sentence."""

import os
import secrets
from pathlib import Path

from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)


def data_dir() -> Path:
    """The folder for everything that is written at run time: database, secret key, logs."""
    folder = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"DATA_DIR {folder} cannot be created: {error.strerror}.") from error
    return folder


def secret_key(folder: Path) -> str:
    """SECRET_KEY from the environment, else one made on the first start and kept mode 0600."""
    given: str = env.str("SECRET_KEY", "")
    if given:
        return given
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """An integer setting inside its bounds; anything else stops the start with a sentence."""
    try:
        value: int = env.int(name, default)
    except EnvError as error:
        raise SystemExit(f"{name} must be a whole number. {error}") from error
    if not least <= value <= most:
        raise SystemExit(f"{name} is {value}; it must lie between {least} and {most}.")
    return value
