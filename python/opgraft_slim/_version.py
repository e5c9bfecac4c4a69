"""The version; the wheel's own copy of this file names the release of TensorFlow in it."""

__version__ = "0"
