"""Property tests: tables of opgraft.lookup in real runtimes, against a dict."""
