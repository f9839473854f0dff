"""What the content server and the box agree on: airings, layers, merge, and the wire.

Pure: no Flask, no Kivy, no paho, no sockets, no clock. The server calls these functions to preview and
to check, the box calls the same functions to play, so what the editor sees is what the village gets.
Start with `airings.py` (the values), `merge.py` (the rule), `wire/` (the contract). What an owner plans is `plans.py`,
what comes of it `programme.py`; questions about time are `clock.py` and `gaps.py`; other formats are `exchange/`.
"""
