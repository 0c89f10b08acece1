"""The inference engine: continuous batching over a causal language model, free of Django."""
