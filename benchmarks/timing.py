"""Interleaved timing: in each round every peer has its turn, so all see the same machine."""

import random
import statistics
import time

NOISY = 1.5  # quartiles that far apart: the machine had other work


def interleave(peers, rounds, block=1, warm_up=2):
    """Times peers in turns.

    Args:
      peers: {name: function of the number of the round}; what it returns is freed untimed.
      rounds: how many count.
      block: ratios are taken between medians of so many rounds; 1 if a call is long.
      warm_up: how many rounds come before them. The function sees these numbers as well.

    Returns:
      {"seconds": {name: median}, "best": {name: the least}, "low": {name: lower quartile},
      "high": {name: upper quartile}, "ratio": {name: median of its time by the first peer's}}.
    """
    names = list(peers)
    times = {name: [] for name in names}
    order = random.Random(0)
    for number in range(rounds + warm_up):
        # Whoever follows another finds the batch, and maybe the runtime's code, in the cache: all
        # have to follow all.
        for name in order.sample(names, len(names)):
            function = peers[name]
            start = time.perf_counter()
            result = function(number)
            times[name].append(time.perf_counter() - start)
            del result
    return summary({name: column[warm_up:] for name, column in times.items()}, block)


def summary(times, block=1):
    """What interleave returns, from {name: [seconds of each round]}."""
    blocks = {
        name: [statistics.median(column[i : i + block]) for i in range(0, len(column), block)]
        for name, column in times.items()
    }
    first = next(iter(times))
    quartiles = {
        name: statistics.quantiles(column, n=4) if len(column) > 1 else column * 3
        for name, column in times.items()
    }
    return {
        "seconds": {name: statistics.median(column) for name, column in times.items()},
        "best": {name: min(column) for name, column in times.items()},
        "low": {name: quartiles[name][0] for name in times},
        "high": {name: quartiles[name][2] for name in times},
        "ratio": {
            name: statistics.median(b / a for a, b in zip(blocks[first], blocks[name]))
            for name in times
        },
    }


def spread(figures):
    """How far apart the quartiles are, of the first two peers: 1 on a machine at rest."""
    return max(figures["high"][name] / figures["low"][name] for name in list(figures["low"])[:2])


def quietest(measure, tries=3):
    """Measures again while the machine has other work; the figures with the least spread."""
    runs = []
    for _ in range(tries):
        runs.append(measure())
        if spread(runs[-1]) < NOISY:
            break
    return min(runs, key=spread)
