"""Tests of opgraft.adapt."""
