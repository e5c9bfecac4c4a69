r"""Makes a SavedModel run on another release of TensorFlow.

from opgraft.adapt import adapt

report = adapt("export/1", "export/1-for-1.15", "1.15.5")
print("\n".join(report.lines))
"""

from opgraft.adapt.adapt import Report, adapt
from opgraft.adapt.errors import CannotAdaptError, OutputError, TensorFlowNeededError

__all__ = ["CannotAdaptError", "OutputError", "Report", "TensorFlowNeededError", "adapt"]
