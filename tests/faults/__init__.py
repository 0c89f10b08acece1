"""Crashes, lost brokers and deaths: every accepted run still ends once."""
