"""How far the runs of a measurement lie apart."""

import statistics


def middle_half(values):
    """The two numbers between which the middle half of the values is: the first and the third quartile."""
    quartiles = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return [quartiles[0], quartiles[2]]
