"""gunicorn with threads, configured in code.

The application is made after the fork, so that no connection is shared between processes.
"""

import gc
from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication


class Gunicorn(BaseApplication):
    """One web program; `run` returns when it is told to end."""

    def __init__(self, make_app: Callable[[], Flask], bind: str, workers: int, threads: int) -> None:
        self._make_app = make_app
        self._options = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 5,
            "loglevel": "warning",
            "proc_name": "contentserver",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called by gunicorn in each worker.

        What lives as long as the process is taken out of the garbage collector's sight: looking through it took a fifth
        of a second, in the middle of somebody's page.
        """
        app = self._make_app()
        gc.collect()
        gc.freeze()
        return app
