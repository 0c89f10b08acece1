"""Random numbers that are looked up rather than drawn: one for each seed and position.

The generator is SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
Generators", OOPSLA 2014) used as a hash: no state, so that a token's number depends neither on
who else is in the batch nor on what was drawn before.
"""

_WORD = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _mixed(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)


def uniform(seed: int, position: int) -> float:
    """A number in [0, 1) with 53 random bits for the token at `position` of a run with `seed`."""
    state = _mixed((seed + _GOLDEN) & _WORD)
    return (_mixed((state + (position + 1) * _GOLDEN) & _WORD) >> 11) * 2.0**-53
