"""The tools that read models: proto, history, inspect, the command line."""
