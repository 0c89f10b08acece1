"""The engine keeps its promises: right numbers, own dice, free slots, one end."""
