"""Static files with hashed names, also inside the imports of ES modules, compressed once."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

STAMP = "collected.sha256"


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage that also rewrites `import … from "./x.js"` to the hashed name."""

    support_js_module_import_aggregation = True


def sources_digest() -> str:
    """A digest of names, sizes and times of every static file of the site and its packages."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_if_changed() -> bool:
    """collectstatic, which takes seconds for compressing, only when a file changed since."""
    stamp, digest = Path(settings.STATIC_ROOT) / STAMP, sources_digest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=stamp.exists())
    stamp.write_text(digest, encoding="ascii")
    return True
