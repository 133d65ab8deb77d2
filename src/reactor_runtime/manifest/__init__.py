"""What to serve and how: `reactor.yaml`, the config file, overrides, and the model's class."""

from .importing import PYTHON_FILE, import_model
from .overrides import Override, apply_overrides, parse_override
from .reading import MANIFEST, MANIFEST_ENDINGS, Manifest, read_manifest

__all__ = [
    "MANIFEST",
    "MANIFEST_ENDINGS",
    "PYTHON_FILE",
    "Manifest",
    "Override",
    "apply_overrides",
    "import_model",
    "parse_override",
    "read_manifest",
]
