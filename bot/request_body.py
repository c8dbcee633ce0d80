"""Reading what somebody on the network sends, no more of it than is expected."""

from starlette.requests import Request


async def read_body(request: Request, largest: int) -> bytes | None:
    """The body, or None as soon as it has more than `largest` bytes, whatever length it was announced with."""
    if int(request.headers.get("content-length") or 0) > largest:
        return None
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > largest:
            return None
    return bytes(read)
