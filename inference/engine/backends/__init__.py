"""The ways in which the engine gets its arithmetic done, each a Runner."""
