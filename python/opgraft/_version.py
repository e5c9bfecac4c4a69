"""The version of the package, which the manifest of the libraries repeats."""

__version__ = "0.1.0"
