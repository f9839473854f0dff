"""Passwords of test accounts are hashed by the same function at its least cost: thousands of them took minutes."""

from argon2 import PasswordHasher

from contentserver.accounts import service


def hash_lightly() -> None:
    """From now on, in this process."""
    service._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
