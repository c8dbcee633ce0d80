"""How both servers listen."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that says it is TCP: only then does asyncio turn Nagle's 40 ms delay off."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(512)
    return listening
