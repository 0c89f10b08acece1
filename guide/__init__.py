"""The reading site: definitions of AI terms and a library of prompts."""
