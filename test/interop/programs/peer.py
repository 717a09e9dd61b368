"""Python's ssl as an end of a run.

It sends what it reads, and prints what it is sent. A line "Q" alone closes the connection.
"""

import argparse
import os
import select
import socket
import ssl
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
for name in ("name", "ca", "certificate", "key", "key-log", "group", "alpn"):
    parser.add_argument(f"--{name}")
parser.add_argument("--require-client", action="store_true")
parser.add_argument("--tickets", action="store_true")
given = parser.parse_args()


def context(purpose):
    made = ssl.SSLContext(purpose)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_verify_locations(given.ca)
    made.keylog_filename = given.key_log
    if given.certificate:
        made.load_cert_chain(given.certificate, given.key)
    if given.group:
        made.set_ecdh_curve(given.group)
    if given.alpn:
        made.set_alpn_protocols(given.alpn.split(","))
    if purpose == ssl.PROTOCOL_TLS_SERVER:
        made.num_tickets = 1 if given.tickets else 0
        if given.require_client:
            made.verify_mode = ssl.CERT_REQUIRED
    return made


def converse(connection):
    """Until one of the two closes; gives the session."""
    stdin = sys.stdin.buffer.raw
    while True:
        if not connection.pending():
            ready, _, _ = select.select([connection, stdin], [], [])
        else:
            ready = [connection]
        if connection in ready:
            # A ticket alone is nothing to read
            connection.setblocking(False)
            try:
                data = connection.recv(1 << 16)
            except ssl.SSLWantReadError:
                continue
            finally:
                connection.setblocking(True)
            if not data:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        if stdin in ready:
            data = os.read(stdin.fileno(), 1 << 16)
            if data in (b"", b"Q\n"):
                break
            connection.sendall(data)
    session = connection.session
    try:
        connection.settimeout(2)
        connection.unwrap()
    except (ssl.SSLError, OSError):
        pass
    connection.close()
    return session


def tell(error):
    print(error, file=sys.stderr, flush=True)


def serve():
    server_context = context(ssl.PROTOCOL_TLS_SERVER)
    listener = socket.create_server(("127.0.0.1", 0))
    tell(f"listening on {listener.getsockname()[1]}")
    while True:
        raw, _ = listener.accept()
        try:
            converse(server_context.wrap_socket(raw, server_side=True))
        except (ssl.SSLError, OSError) as error:
            tell(error)


def connect():
    client_context = context(ssl.PROTOCOL_TLS_CLIENT)
    session = None
    for _ in range(2 if given.tickets else 1):
        raw = socket.create_connection(("127.0.0.1", given.port))
        connection = client_context.wrap_socket(
            raw, server_hostname=given.name, session=session
        )
        session = converse(connection)


try:
    connect() if given.port else serve()
except (ssl.SSLError, OSError) as error:
    tell(error)
    sys.exit(1)
