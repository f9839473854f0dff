"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(file: Path, data: bytes, look: Callable[[Path], None] | None = None) -> None:
    """Write beside, flush to the disk, rename: whoever reads finds what was there before or all of this.

    Of one that fails nothing stays; a folder that is missing is made.

    Args:
        look: raises where it must not come in; sees it under another name.

    Raises:
        OSError: the disk is full, or something else is wrong with it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    waiting = Path(name)
    try:
        with os.fdopen(handle, "wb") as draft:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
        if look is not None:
            look(waiting)
        waiting.replace(file)
    finally:
        waiting.unlink(missing_ok=True)
