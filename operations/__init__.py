"""How the site is kept running: the embedded broker, the supervisor, headers and error pages."""
