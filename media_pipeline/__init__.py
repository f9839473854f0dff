"""Recording in, package out: a library and a command line that knows no database and no web.

Kept empty, so that a program that only reads packages pays for `media_pipeline.manifest` alone. Start reading at
`transcode.py` (the way from recording to package); `manifest.py` says what a package is; `docs/media.md` is for people.
"""
