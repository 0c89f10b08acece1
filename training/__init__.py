"""How the bundled model is made: from the guide's own text to a folder of weights, reproducibly."""
