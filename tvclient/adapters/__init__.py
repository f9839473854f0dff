"""What the television touches: disk, line, server, clock, keys, player. Decisions are in `tvclient/core`."""
