"""The custom slim TensorFlow: its build, its sizes, its report."""
