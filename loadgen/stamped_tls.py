"""TLS over a stamped socket: a record is as old as the segment that completed it, however late it is deciphered."""

from __future__ import annotations

import asyncio
import socket
import ssl

from loadgen.stamped import READ_SIZE, Receiver, StampedTransport, Stamps, connected
from loadgen.turnover import Turnover

_PLAIN = bytearray(READ_SIZE)
"""The record that was deciphered last; no record is longer, and each is emptied before the next."""
_PLAIN_VIEW = memoryview(_PLAIN)


class StampedTlsTransport(StampedTransport):
    """A stamped transport whose bytes are ciphered, between two buffers."""

    _plain = False

    def __init__(self, sock: socket.socket, receiver: Receiver, stamps: Stamps, cipher: Cipher) -> None:
        self._cipher = cipher
        self._take = cipher.incoming.write
        self._decipher = cipher.tls.read
        super().__init__(sock, receiver, stamps)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Cipher and send."""
        if not self.is_closing():
            self._cipher.tls.write(data)
            super().write(self._cipher.outgoing.read())

    def _received(self, view: memoryview, now_ns: int) -> None:
        self._take(view)
        incoming, outgoing = self._cipher.incoming, self._cipher.outgoing
        try:
            while incoming.pending and not self.is_closing():
                size: int = self._decipher(READ_SIZE, _PLAIN)  # type: ignore[assignment]  # a size, given a buffer
                if not self._whole_token(_PLAIN, size, now_ns):
                    self._receiver.receive(bytes(_PLAIN_VIEW[:size]), now_ns)
        except ssl.SSLWantReadError:
            pass  # the rest of the record is to come
        except ssl.SSLZeroReturnError:
            self._lose(None)
        except ssl.SSLError as error:
            self._lose(error)
        if outgoing.pending and not self.is_closing():  # the cipher itself has something to say, such as new keys
            super().write(outgoing.read())


class Cipher:
    """The TLS of one connection, and its two buffers."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)

    async def shake_hands(self, sock: socket.socket, steps: Turnover) -> None:
        """Agree with the server on keys; raise :class:`ssl.SSLError` or ``OSError``."""
        loop = asyncio.get_running_loop()
        while True:
            await steps.turn()
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(sock, self.outgoing.read())
                data = await loop.sock_recv(sock, READ_SIZE)
                if not data:
                    raise ConnectionResetError("the server closed the connection in the TLS handshake") from None
                self.incoming.write(data)
            else:
                await loop.sock_sendall(sock, self.outgoing.read())
                return


async def open_stamped_tls(host: str, port: int, receiver: Receiver, stamps: Stamps, context: ssl.SSLContext) -> None:
    """Connect, agree on keys and hand the connection to ``receiver``; raise ``OSError``, also for what TLS refuses."""
    sock = await connected(host, port)
    cipher = Cipher(context, host)
    try:
        await cipher.shake_hands(sock, stamps.handshakes)
    except BaseException:
        sock.close()
        raise
    StampedTlsTransport(sock, receiver, stamps, cipher)
