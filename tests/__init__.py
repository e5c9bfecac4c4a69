"""Tests in Python; those of kernels alone are in ops/."""
