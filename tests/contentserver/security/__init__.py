"""Weaknesses that web programs have, one by one: what keeps each out, and that the test sees it once that is gone."""
