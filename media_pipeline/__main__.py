"""`python -m media_pipeline`: see `cli.py`."""

import sys

from media_pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
