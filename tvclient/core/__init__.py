"""The box's functional core: `step(state, event, now) -> (state, effects)`.

Theory of operation. The shell (`tvclient/app.py`) turns everything that happens (a key, a message, a tick, the player's
word) into an event, calls `step`, shows the new state and carries out the effects. The core knows no Kivy, no paho, no
disk and no clock, so any evening can be replayed from its log of events. Begin with `state.py`.
"""
