"""What the slice needs of the world: somewhere that packages lie."""

from datetime import datetime
from typing import Protocol

from media_pipeline.manifest import Manifest


class PackageStore(Protocol):
    """Packages, and the signed addresses under which their files leave."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest."""
        ...

    def access(self, package: str, now: datetime) -> tuple[str, str, datetime]:
        """Base path, query and expiry of a signed address; a file lies at base + path + query."""
        ...
