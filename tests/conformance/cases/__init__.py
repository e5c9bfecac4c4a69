"""The one list of cases; every runtime runs all of them."""
