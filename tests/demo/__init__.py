"""The demonstration: real parts, sample recordings, and the check that drives them without a person."""
