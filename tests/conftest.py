"""For all tests: examples are not timed, since a busy machine is not a wrong program.

They are the same ones each time, so that a red run means a change; others are looked for by
`pytest --hypothesis-profile curious`.
"""

from hypothesis import settings

settings.register_profile("patient", deadline=None, derandomize=True)
settings.register_profile("curious", deadline=None)
settings.load_profile("patient")

LONGEST_NAME = 60


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A megabyte of input is not written out in the name of its test."""
    if isinstance(val, bytes | str) and len(val) > LONGEST_NAME:
        return f"{argname} of {len(val)}"
    return None
