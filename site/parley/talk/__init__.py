"""What a chat does: plain functions on a connection. It knows no web."""
