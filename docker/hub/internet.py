"""The participants' proxy to the internet: it forwards HTTPS to global addresses, not to private or special ranges.

It connects to the address that it has checked, which prevents DNS rebinding.
"""

import asyncio
import ipaddress
import socket
import sys

from settings import Settings


async def serve(reader, writer):
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        method, target, *_ = head.decode("latin-1").split()
        host, _, port = target.rpartition(":")
        if method != "CONNECT":
            raise PermissionError("405 HTTPS only")
        if port != "443":
            raise PermissionError("403 Port 443 only")
        await connect(host.strip("[]"), reader, writer)
    except PermissionError as error:
        writer.write(f"HTTP/1.1 {error} \r\n\r\n".encode())
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, asyncio.TimeoutError):
        writer.write(b"HTTP/1.1 502 Not reached \r\n\r\n")
    finally:
        writer.close()


async def connect(host, reader, writer):
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    addresses = [info[4][0] for info in found if outside(info[4][0])]
    if not addresses:
        raise PermissionError("403 Not on the internet")
    there, back = await asyncio.wait_for(asyncio.open_connection(addresses[0], 443), 20)
    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
    try:
        await asyncio.gather(copy(reader, back), copy(there, writer))
    finally:
        back.close()


def outside(text):
    address = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return address.is_global and not address.is_multicast


async def copy(source, to):
    while data := await source.read(1 << 16):
        to.write(data)
        await to.drain()
    if to.can_write_eof():
        to.write_eof()


async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", 3128, limit=1 << 14)
    await server.serve_forever()


if __name__ == "__main__":
    if Settings().internet:
        asyncio.run(main())
    sys.exit()
