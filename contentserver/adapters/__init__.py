"""Adapters towards the outside: the broker, the package store."""
