"""The fast way for models of the Llama family on a CPU: one compiled function does a whole step."""
