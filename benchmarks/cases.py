"""What the measuring scripts share: their command line, the choice of cases, the JSON."""

import argparse
import json
import re


def power(number):
    """10^6 of 1000000, and other numbers as they are."""
    text = str(number)
    return "10^%d" % (len(text) - 1) if re.fullmatch("10{3,}", text) else text


def wanted(only, name):
    """Whether --only names this case."""
    return re.search(only, name) is not None


class Suite:
    """One script's cases: which are wanted, and what was measured."""

    def __init__(self, description):
        parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
        parser.add_argument("--threads", type=int, default=1, help="of TensorFlow (default: 1)")
        parser.add_argument("--quick", action="store_true", help="no 10^7 keys, fewer rounds")
        parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name matches")
        parser.add_argument(
            "--native", metavar="DIRECTORY", help="the libraries of benchmarks/*.cc"
        )
        parser.add_argument("--json", help="write the figures there")
        self.options = parser.parse_args()
        self.results = []

    def wants(self, name):
        """Whether --only names this case."""
        return wanted(self.options.only, name)

    def add(self, case, figures):
        """Keeps and prints a case: nanoseconds per item of each peer, TensorFlow's over ours.

        Args:
          case: "name", "items" (how many a timed call handles) and what else tells it apart.
          figures: what timing.interleave returned.
        """
        case = dict(case, threads=self.options.threads, **figures)
        self.results.append(case)
        ns = ["%s %.1f" % (name, s / case["items"] * 1e9) for name, s in case["seconds"].items()]
        figures = "%s ns" % ", ".join(ns)
        print("%-62s %5.2fx  %s" % (case["name"], case["ratio"]["tensorflow"], figures), flush=True)

    def write(self, **more):
        """Writes the JSON: {"cases": [...], and what else there is}."""
        if self.options.json:
            with open(self.options.json, "w") as file:
                json.dump(dict(more, cases=self.results), file)
