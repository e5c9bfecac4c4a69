"""What can go wrong, a class per failure. Messages name the thing, the limit and the next step."""


class OpgraftError(Exception):
    """Base class of the errors of opgraft; `exit_code` is that of the command line."""

    exit_code = 1


class TensorFlowNotFoundError(OpgraftError, ImportError):
    """There is no TensorFlow in this Python environment."""


class UnsupportedRuntimeError(OpgraftError, ImportError):
    """The libraries installed do not fit the TensorFlow found."""


class AbiMismatchError(UnsupportedRuntimeError):
    """A TensorFlow built with the other C++ ABI (_GLIBCXX_USE_CXX11_ABI) than the libraries."""


class LibraryNotFoundError(OpgraftError, LookupError):
    """An op library that was asked for is not in this installation."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class LibraryLoadError(OpgraftError, RuntimeError):
    """TensorFlow could not load an op library, or the library found nothing it could use."""


class ModelError(OpgraftError, ValueError):
    """A graph or model that cannot be read."""


class UnknownReleaseError(OpgraftError, ValueError):
    """A release of TensorFlow about which opgraft knows nothing."""
