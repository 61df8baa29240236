"""Decides how the properties are tried: no example has a time limit of its own, for a busy machine would break it."""

from hypothesis import settings

settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
