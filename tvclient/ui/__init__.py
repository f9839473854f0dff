"""The television's picture: draws `core.state.State` with Kivy and decides nothing.

Begin with `stage.py` (one State in, one picture out), then `theme.py` (every value of the look), `widgets/` and
`screens/` (one x.py with one x.kv each). No network here, and no file but fonts, posters and translations.

Kivy reads its environment when it is first imported, so what it must know is said here, before any module of this
package can import it. It writes nothing: neither a configuration nor a log of its own.
"""

import os

os.environ["KIVY_NO_ARGS"] = "1"
os.environ["KIVY_NO_FILELOG"] = "1"
os.environ["KIVY_NO_CONFIG"] = "1"
os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
os.environ.setdefault("KIVY_VIDEO", "null")
