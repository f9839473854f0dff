"""What sticks need from the outside; bound by the composition root."""

from pathlib import Path
from typing import Protocol

from media_pipeline.manifest import Manifest


class Packages(Protocol):
    """The package store."""

    folder: Path
    """Packages lie in sub-folders of their names."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest; raises OSError, ValueError or ManifestInvalid where there is none."""
