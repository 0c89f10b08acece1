"""How the bundled model is made: from the guide's own text to a folder of weights, reproducibly."""

import os

# Beside another busy program, threads that spin at every barrier make training ten times slower.
# The OpenMP library reads this once, when torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
