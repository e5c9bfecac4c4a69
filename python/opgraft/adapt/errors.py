"""What can go wrong while a model is adapted; each kind has an exit status of its own."""

from opgraft.errors import OpgraftError


class CannotAdaptError(OpgraftError):
    """The runtime cannot run the model, and no rewrite helps; the text names every reason."""

    exit_code = 2


class TensorFlowNeededError(OpgraftError):
    """The work needs a modern TensorFlow that is not there."""

    exit_code = 4


class OutputError(OpgraftError):
    """OUT cannot be written."""

    exit_code = 5


class VerifyError(OpgraftError):
    """The model and its adapted copy could not be compared, or differ."""

    exit_code = 6
