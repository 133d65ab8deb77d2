"""What to serve and how: `reactor.yaml`, the config file, overrides, and the model's class."""

from .document import did_you_mean
from .fingerprint import fingerprint, own_print
from .importing import PYTHON_FILE, import_model
from .overrides import Override, apply_overrides, parse_override
from .reading import MANIFEST, MANIFEST_ENDINGS, Manifest, read_manifest
from .source import Reimport, Source

__all__ = [
    "MANIFEST",
    "MANIFEST_ENDINGS",
    "PYTHON_FILE",
    "Manifest",
    "Override",
    "Reimport",
    "Source",
    "apply_overrides",
    "did_you_mean",
    "fingerprint",
    "import_model",
    "own_print",
    "parse_override",
    "read_manifest",
]
