"""ROOM 5, the counter in the browser: server-rendered pages; Chinese first, English second."""
