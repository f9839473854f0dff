"""Addresses of scripts and styles, from the manifest that Vite writes: hashed names, cached for ever."""

from pathlib import Path

import msgspec
from flask import Flask, url_for


class Entry(msgspec.Struct, frozen=True):
    """One entry of Vite's manifest; unknown fields are ignored."""

    file: str
    css: tuple[str, ...] = ()


def install(app: Flask) -> None:
    """Give templates `asset(name)` and `asset_styles(name)`; a name is a source path inside the front end."""
    manifest = Path(app.static_folder or "") / ".vite" / "manifest.json"
    entries = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Entry]) if manifest.exists() else {}

    def asset(name: str) -> str:
        return url_for("static", filename=entries[name].file)

    def styles(name: str) -> list[str]:
        return [url_for("static", filename=css) for css in entries[name].css]

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["asset_styles"] = styles
