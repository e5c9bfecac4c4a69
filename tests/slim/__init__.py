"""The slim build: selection, runner, proof, sizes, report."""
