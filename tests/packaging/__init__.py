"""The wheel, and a program that uses a library of it."""
