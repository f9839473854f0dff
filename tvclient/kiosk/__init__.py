"""What turns a small computer into a station's television: installation, start-up, and releases that cannot brick it.

`install.sh` puts the parts in place; `launch.py` starts the newest release that has proved itself, or the one that came
with the installation; `releases.py` brings new ones; `watchdog.py` tells systemd that the picture still moves.
The layout on the disk is described in docs/kiosk.md.
"""
