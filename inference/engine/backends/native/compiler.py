"""Makes a library of step.cpp for the processor at hand, once, and keeps it on disk."""

import hashlib
import logging
import os
import platform
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

logger = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("step.cpp")
FLAGS = ("-O3", "-march=native", "-std=c++17", "-shared", "-fPIC", "-pthread")
COMPILERS = ("c++", "g++", "clang++")
PATIENCE_S = 120.0


def default_folder() -> Path:
    """Where compiled code is kept: ENGINE_CACHE, else the cache folder of this user."""
    if chosen := os.environ.get("ENGINE_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "prompt-guide"


class Compilation:
    """The compiler at work in a process of its own, beside whatever else the start has to do.

    Its result is kept under the hash of the source, the compiler's name and the processor, so the
    second start finds it at once.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or default_folder()
        self._process: subprocess.Popen[bytes] | None = None
        self._compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
        self._target = self._folder / f"step-{_key(self._compiler)}.so"
        self._unfinished = self._target.with_suffix(f".{os.getpid()}")

    def start(self) -> None:
        """Begin to compile unless the library is there, or cannot be made."""
        if self._target.is_file() or self._compiler is None or not self._is_private():
            return
        try:
            self._process = subprocess.Popen(  # noqa: S603  the compiler of this machine
                ["nice", "-n", "5", self._compiler, *FLAGS, "-o", self._unfinished, SOURCE],  # noqa: S607
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            logger.info("The compiler did not start: %s.", error)

    def result(self, patience_s: float = PATIENCE_S) -> Path | None:
        """The library; None if it could not be made, or is not ready within `patience_s`."""
        if self._process is not None:
            try:
                code = self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                return None
            self._process = None
            if code == 0:
                self._unfinished.chmod(0o500)
                self._unfinished.replace(self._target)
            else:
                self._unfinished.unlink(missing_ok=True)
                logger.info("The compiler ended with code %d.", code)
        is_ours = self._target.is_file() and self._target.stat().st_uid == os.getuid()
        return self._target if is_ours else None

    def why_not(self) -> str:
        """Why there is no library, for a person."""
        if self._compiler is None:
            return "there is no C++ compiler (on Debian: apt install g++)"
        if self._process is not None:
            return "the compiler has not finished; the next start will find its result"
        return f"{SOURCE.name} could not be compiled into {self._folder}"

    def _is_private(self) -> bool:
        """Whether nobody else can lay a library into the folder."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            state = self._folder.stat()
        except OSError:
            return False
        return state.st_uid == os.getuid() and not state.st_mode & 0o022


@lru_cache(maxsize=1)
def compilation() -> Compilation:
    """The one of this process, under way since the first call."""
    found = Compilation()
    found.start()
    return found


def _key(compiler: str | None) -> str:
    parts = [SOURCE.read_bytes(), " ".join(FLAGS).encode(), (compiler or "").encode(), _processor()]
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def _processor() -> bytes:
    """What distinguishes processors: the machine's name for itself and its features."""
    info = Path("/proc/cpuinfo")
    lines = info.read_bytes().splitlines() if info.is_file() else []
    wanted = (b"model name", b"flags", b"Features", b"CPU part")
    found = {line for line in lines if line.startswith(wanted)}
    return b"\n".join([platform.machine().encode(), *sorted(found)])
