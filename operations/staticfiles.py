"""Static files with hashed names, also inside the imports of ES modules, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage that also rewrites `import … from "./x.js"` to the hashed name."""

    support_js_module_import_aggregation = True
