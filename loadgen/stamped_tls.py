"""TLS over a stamped socket: a record is as old as the segment that completed it, however late it is deciphered."""

from __future__ import annotations

import asyncio
import socket
import ssl

from loadgen.stamped import READ_SIZE, Receiver, StampedTransport, Stamps, connected

_PLAIN = bytearray(READ_SIZE)
"""What was deciphered last; emptied before the next."""


class Tls:
    """The cipher of one connection, between two buffers."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def shake_hands(self, sock: socket.socket) -> None:
        """Agree with the server on keys; raise :class:`ssl.SSLError` or ``OSError``."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(sock, self._outgoing.read())
                data = await loop.sock_recv(sock, READ_SIZE)
                if not data:
                    raise ConnectionResetError("the server closed the connection in the TLS handshake") from None
                self._incoming.write(data)
            else:
                await loop.sock_sendall(sock, self._outgoing.read())
                return

    def cipher(self, data: bytes | bytearray | memoryview) -> bytes:
        """Return what to send for ``data``."""
        self._object.write(data)
        return self._outgoing.read()

    def take(self, data: memoryview) -> None:
        """Take what came."""
        self._incoming.write(data)

    def decipher(self) -> int:
        """Decipher the next record into the common buffer; return its size, and 0 where none is whole.

        Raises :class:`ssl.SSLError`; :class:`ssl.SSLZeroReturnError` at the end.
        """
        try:
            size: int = self._object.read(READ_SIZE, _PLAIN)  # type: ignore[assignment]  # a size, given a buffer
        except ssl.SSLWantReadError:
            return 0
        return size

    @property
    def more(self) -> bool:
        """Whether bytes wait that were not looked at; an exception is dear where nothing waits."""
        return bool(self._incoming.pending or self._object.pending())

    def answer(self) -> bytes:
        """Return what the cipher itself has to say, such as new keys."""
        return self._outgoing.read() if self._outgoing.pending else b""


class StampedTlsTransport(StampedTransport):
    """A stamped transport whose bytes are ciphered."""

    def __init__(self, sock: socket.socket, receiver: Receiver, stamps: Stamps, tls: Tls) -> None:
        self._tls = tls
        super().__init__(sock, receiver, stamps)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Cipher and send."""
        if not self.is_closing():
            super().write(self._tls.cipher(data))

    def _received(self, buffer: bytearray, size: int, now_ns: int) -> None:
        tls = self._tls
        tls.take(memoryview(buffer)[:size])
        try:
            while (plain := tls.decipher()) and not self.is_closing():
                super()._received(_PLAIN, plain, now_ns)
                if not tls.more:
                    break
        except ssl.SSLZeroReturnError:
            self._lose(None)
        except ssl.SSLError as error:
            self._lose(error)
        if (answer := tls.answer()) and not self.is_closing():
            super().write(answer)


async def open_stamped_tls(host: str, port: int, receiver: Receiver, stamps: Stamps, context: ssl.SSLContext) -> None:
    """Connect, agree on keys and hand the connection to ``receiver``; raise ``OSError``, also for what TLS refuses."""
    sock = await connected(host, port)
    tls = Tls(context, host)
    try:
        await tls.shake_hands(sock)
    except BaseException:
        sock.close()
        raise
    StampedTlsTransport(sock, receiver, stamps, tls)
