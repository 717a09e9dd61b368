"""tlslite-ng as an end of a run.

It sends what it reads, and prints what it is sent. A line "Q" alone closes the connection, "K" updates its keys.
"""

import argparse
import os
import select
import socket
import sys

from tlslite.api import (
    HandshakeSettings,
    SessionCache,
    TLSConnection,
    X509CertChain,
    parsePEMKey,
)

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
for name in ("name", "ca", "certificate", "key", "key-log", "groups", "shares", "alpn"):
    parser.add_argument(f"--{name}")
parser.add_argument("--exporter")
parser.add_argument("--record-size-limit", type=int)
parser.add_argument("--require-client", action="store_true")
parser.add_argument("--compression", action="store_true")
parser.add_argument("--tickets", action="store_true")
given = parser.parse_args()


def names(text):
    return text.split(",") if text else []


def settings():
    made = HandshakeSettings()
    made.minVersion = made.maxVersion = (3, 4)
    if given.groups:
        made.eccCurves = names(given.groups)
        made.dhGroups = []
        made.keyShares = names(given.shares) or made.eccCurves[:1]
    if not given.compression:
        # It would compress for a server that did not ask for it
        made.certificate_compression_send = []
    if given.record_size_limit:
        made.record_size_limit = given.record_size_limit
    if given.tickets and not given.port:
        made.ticketKeys = [bytearray(os.urandom(32))]
        made.ticket_count = 1
    return made.validate()


def identity():
    if not given.certificate:
        return None, None
    chain = X509CertChain()
    with open(given.certificate, encoding="ascii") as file:
        chain.parsePemList(file.read())
    with open(given.key, encoding="ascii") as file:
        return chain, parsePEMKey(file.read(), private=True)


def tell(text):
    print(text, file=sys.stderr, flush=True)


def converse(connection, raw):
    """Until one of the two closes."""
    if given.exporter:
        secret = connection.keyingMaterialExporter(bytearray(given.exporter, "ascii"), 32)
        tell(f"exported {secret.hex()}")
    stdin = sys.stdin.fileno()
    while True:
        # What came with the handshake may have been read already
        buffered = bool(connection.sock._read_buffer)
        ready, _, _ = select.select([raw, stdin], [], [], 0 if buffered else None)
        if buffered or raw in ready:
            while True:
                data = connection.read(max=1 << 16, min=0)
                if not data:
                    break
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
                if not connection.sock._read_buffer and not select.select([raw], [], [], 0)[0]:
                    break
            if connection.closed:
                return
        if stdin in ready:
            data = os.read(stdin, 1 << 16)
            if data in (b"", b"Q\n"):
                connection.close()
                return
            if data == b"K\n":
                for _ in connection.send_keyupdate_request(0):
                    pass
            else:
                connection.sendall(data)


def serve():
    chain, key = identity()
    listener = socket.create_server(("127.0.0.1", 0))
    tell(f"listening on {listener.getsockname()[1]}")
    # Its tickets are good for as long as these keys
    own = settings()
    while True:
        raw, _ = listener.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = TLSConnection(raw)
        connection.closeSocket = True
        try:
            connection.handshakeServer(
                certChain=chain,
                privateKey=key,
                reqCert=given.require_client,
                settings=own,
                alpn=[bytearray(name, "ascii") for name in names(given.alpn)] or None,
            )
            converse(connection, raw)
        except Exception as error:  # pylint: disable=broad-except
            tell(f"{type(error).__name__}: {error}")


def connect():
    chain, key = identity()
    session = None
    for _ in range(2 if given.tickets else 1):
        raw = socket.create_connection(("127.0.0.1", given.port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = TLSConnection(raw)
        connection.handshakeClientCert(
            certChain=chain,
            privateKey=key,
            session=session,
            settings=settings(),
            serverName=given.name,
            alpn=[bytearray(name, "ascii") for name in names(given.alpn)] or None,
        )
        converse(connection, raw)
        session = connection.session


try:
    connect() if given.port else serve()
except Exception as error:  # pylint: disable=broad-except
    tell(f"{type(error).__name__}: {error}")
    sys.exit(1)
