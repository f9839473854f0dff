"""What may be opened at all, by the prober and by every encoder alike. Pure.

Why a container is or is not here is said below; how a program is confined besides is in `confine.py`.
"""

DEMUXERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,rm,mxf,dv,ogg,mp3,wav,flac,aac,amr"
"""Containers that hold their own media. Playlists, scripts, image sequences and text stay out."""

PROTOCOLS = "file,pipe"
"""Protocols that reach nothing but this machine's files."""
