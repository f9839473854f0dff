"""Storms: real processes, a line that does everything a bad line does, kill -9; then the books are compared.

`storm.py` is one storm whole; `proxy.py` the line; `writer.py` a box that writes facts; `links.py` the server's end,
real or acknowledging before it has committed; `bare.py` and `receiver.py` QoS 1 alone, for contrast.
"""
