"""The same cases on every runtime."""
