"""Maps of the glossary, drawn by the server: of all terms, and of the surroundings of one."""
