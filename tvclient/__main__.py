"""`python -m tvclient`: read the settings, start the television. The window is `app.py`, the loop is `shell.py`."""

import os
import sys

from tvclient.app import run
from tvclient.settings import SettingsInvalid, read_settings


def main() -> int:
    """Run until the window is closed.

    Returns:
        The exit status: 0 after an orderly end, 2 for settings that cannot be used.
    """
    try:
        settings = read_settings(sys.argv[1:], os.environ)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        return 2
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
