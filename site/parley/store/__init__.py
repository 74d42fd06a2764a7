"""What is kept: database, files, sessions. It knows no rule of the chat and no web."""
