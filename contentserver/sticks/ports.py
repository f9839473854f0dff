"""What sticks need from the outside; bound by the composition root."""

from collections.abc import Iterator
from typing import Protocol

from media_pipeline.manifest import Manifest


class Packages(Protocol):
    """The package store."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest; raises OSError, ValueError or ManifestInvalid where there is none."""
        ...

    def pieces(self, package: str, file: str) -> Iterator[bytes]:
        """A file of a package, read while it is iterated; raises OSError where it is not there."""
        ...
