"""Checks the handshakes of this folder with other libraries than the project's.

    pip install cryptography kyber-py
    python check.py */*.json.gz

It reads a file, and makes again from private keys and messages what the file says of shares, secrets,
keys, records, binders and exports. It shares no code with the engine: HKDF and the layouts of RFC 9846
are written down here, curves and AEADs are those of `cryptography` (OpenSSL), ML-KEM is kyber-py's.
The exit code is 1 if a value differs; each that does is named by its path.
"""

import gzip
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kyber_py.ml_kem import ML_KEM_512, ML_KEM_768, ML_KEM_1024

ML_KEM = {"ML-KEM-512": ML_KEM_512, "ML-KEM-768": ML_KEM_768, "ML-KEM-1024": ML_KEM_1024}
CURVES = {"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1, "secp521r1": ec.SECP521R1}
MONTGOMERY = {
    "x25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey),
    "x448": (x448.X448PrivateKey, x448.X448PublicKey),
}
SUITES = {
    "TLS_AES_128_GCM_SHA256": ("sha256", AESGCM, 16),
    "TLS_AES_256_GCM_SHA384": ("sha384", AESGCM, 32),
    "TLS_CHACHA20_POLY1305_SHA256": ("sha256", ChaCha20Poly1305, 32),
}
RETRY_RANDOM = hashlib.sha256(b"HelloRetryRequest").digest()


class DiffieHellman:
    """A key pair as `privateKey` and `randomness` of a classical component give it."""

    def __init__(self, name, private):
        self.name = name
        if name in CURVES:
            self.key = ec.derive_private_key(int.from_bytes(private, "big"), CURVES[name]())
        else:
            self.key = MONTGOMERY[name][0].from_private_bytes(private)

    def public(self):
        if self.name in CURVES:
            form = (Encoding.X962, PublicFormat.UncompressedPoint)
        else:
            form = (Encoding.Raw, PublicFormat.Raw)
        return self.key.public_key().public_bytes(*form)

    def shared(self, peer):
        if self.name in CURVES:
            point = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[self.name](), peer)
            return self.key.exchange(ec.ECDH(), point)
        return self.key.exchange(MONTGOMERY[self.name][1].from_public_bytes(peer))


def component(value):
    """What follows from the private keys of a component: pairs of a member and its value."""
    kem = value["kem"]
    given = {name: bytes.fromhex(text) for name, text in value.items() if name != "kem"}
    private, randomness = given.get("privateKey"), given.get("randomness")
    if kem in ML_KEM:
        if private is not None:
            public, secret = ML_KEM[kem].key_derive(private)
            yield "publicKey", public
            if "ciphertext" in given:
                yield "sharedSecret", ML_KEM[kem].decaps(secret, given["ciphertext"])
        if randomness is not None:
            shared, ciphertext = ML_KEM[kem]._encaps_internal(given["publicKey"], randomness)
            yield "ciphertext", ciphertext
            yield "sharedSecret", shared
        return
    if private is not None:
        pair = DiffieHellman(kem, private)
        yield "publicKey", pair.public()
        if "ciphertext" in given:
            yield "sharedSecret", pair.shared(given["ciphertext"])
    if randomness is not None:
        pair = DiffieHellman(kem, randomness)
        yield "ciphertext", pair.public()
        yield "sharedSecret", pair.shared(given["publicKey"])


class Schedule:
    """The key schedule of RFC 9846 §7.1 with one hash."""

    def __init__(self, name):
        self.name = name
        self.size = hashlib.new(name).digest_size

    def hash(self, data):
        return hashlib.new(self.name, data).digest()

    def hmac(self, key, data):
        return hmac.new(key, data, self.name).digest()

    def expand(self, secret, label, context, length):
        """HKDF-Expand-Label, one block at most."""
        name = b"tls13 " + label.encode()
        info = length.to_bytes(2, "big") + bytes([len(name)]) + name
        info += bytes([len(context)]) + context
        return self.hmac(secret, info + b"\x01")[:length]

    def derive(self, secret, label, messages):
        return self.expand(secret, label, self.hash(messages), self.size)

    def transcript(self, messages, end):
        """The messages up to `end`; before a HelloRetryRequest stands the hash of ClientHello1 (§4.1)."""
        messages = messages[: end + 1]
        for at, message in enumerate(messages):
            if message[0] == 2 and message[6:38] == RETRY_RANDOM:
                first = self.hash(b"".join(messages[:at]))
                head = bytes([254, 0, 0, len(first)]) + first
                return head + b"".join(messages[at:])
        return b"".join(messages)

    def binder_key(self, psk, label):
        return self.derive(self.hmac(bytes(self.size), psk), label, b"")

    def imported(self, external):
        """ImportedIdentity and PSK (RFC 9258 §5.1), from a key that belongs to SHA-256."""
        parts = [bytes.fromhex(external[name]) for name in ("identity", "context")]
        identity = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
        identity += b"\x03\x04" + {32: b"\x00\x01", 48: b"\x00\x02"}[self.size]
        own = Schedule("sha256")
        extracted = own.hmac(bytes(own.size), bytes.fromhex(external["secret"]))
        return identity, own.expand(extracted, "derived psk", own.hash(identity), self.size)

    def secrets(self, psk, shared, listed):
        messages = [bytes.fromhex(message["bytes"]) for message in listed]

        def until(sender, kind):
            for at, message in enumerate(listed):
                if (message["from"], message["type"]) == (sender, kind):
                    return self.transcript(messages, at)
            raise ValueError(f"the {sender} sent no {kind}")

        zeros = bytes(self.size)
        early = self.hmac(zeros, psk or zeros)
        handshake = self.hmac(self.derive(early, "derived", b""), shared)
        main = self.hmac(self.derive(handshake, "derived", b""), zeros)
        hello = until("server", "server_hello")
        finished = until("server", "finished")
        made = {
            "early": early,
            "handshake": handshake,
            "clientHandshakeTraffic": self.derive(handshake, "c hs traffic", hello),
            "serverHandshakeTraffic": self.derive(handshake, "s hs traffic", hello),
            "main": main,
            "clientApplicationTraffic": self.derive(main, "c ap traffic", finished),
            "serverApplicationTraffic": self.derive(main, "s ap traffic", finished),
            "exporter": self.derive(main, "exp master", finished),
            "resumption": self.derive(main, "res master", until("client", "finished")),
        }
        if any(message[0] == 5 for message in messages):  # EndOfEarlyData: there was no retry
            made["clientEarlyTraffic"] = self.derive(early, "c e traffic", messages[0])
            made["earlyExporter"] = self.derive(early, "e exp master", messages[0])
        for sender in ("client", "server"):
            if any((each["from"], each["type"]) == (sender, "key_update") for each in listed):
                traffic = made[f"{sender}ApplicationTraffic"]
                made[f"{sender}UpdatedTraffic"] = self.expand(traffic, "traffic upd", b"", self.size)
        return made

    def export(self, secret, label, context, length):
        exporter = self.derive(secret, label, b"")
        return self.expand(exporter, "exporter", self.hash(context), length)


def records(vector, aead, keys):
    """Opens the flights: lists of handshake messages, and application data by sender."""
    epoch = {"client": None, "server": None}
    sequence = {"client": 0, "server": 0}
    pending = {"client": b"", "server": b""}
    messages, data = [], {"client": b"", "server": b"", "early": b""}
    for flight in vector["flights"]:
        sender, wire = flight["from"], bytes.fromhex(flight["bytes"])
        while wire:
            length = int.from_bytes(wire[3:5], "big")
            header, body, wire = wire[:5], wire[5 : 5 + length], wire[5 + length :]
            kind = header[0]
            if kind == 23:
                pair = keys[epoch[sender]]
                iv = int.from_bytes(pair["iv"], "big") ^ sequence[sender]
                nonce = iv.to_bytes(12, "big")
                sequence[sender] += 1
                body = aead(pair["key"]).decrypt(nonce, body, header).rstrip(b"\x00")
                kind, body = body[-1], body[:-1]
            if kind == 23:
                data["early" if epoch[sender] == "clientEarlyTraffic" else sender] += body
            if kind != 22:
                continue
            pending[sender] += body
            while len(pending[sender]) >= 4:
                end = 4 + int.from_bytes(pending[sender][1:4], "big")
                if len(pending[sender]) < end:
                    break
                message, pending[sender] = pending[sender][:end], pending[sender][end:]
                messages.append((sender, message))
                retry = message[0] == 2 and message[6:38] == RETRY_RANDOM
                early = epoch["client"] == "clientEarlyTraffic"
                if message[0] == 1 and "clientEarlyTraffic" in keys:
                    epoch["client"] = "clientEarlyTraffic"
                if message[0] == 2 and not retry:
                    epoch["server"] = "serverHandshakeTraffic"
                if message[0] == (5 if early else 2) and not retry:
                    epoch["client"], sequence["client"] = "clientHandshakeTraffic", 0
                # The Finished of a later authentication changes no keys
                if message[0] == 20 and epoch[sender].endswith("HandshakeTraffic"):
                    epoch[sender], sequence[sender] = f"{sender}ApplicationTraffic", 0
                if message[0] == 24:
                    epoch[sender], sequence[sender] = f"{sender}UpdatedTraffic", 0
    return messages, data


def check(vector):
    """Yields the path of every value that differs."""

    def differs(path, published, made):
        return [] if published == made.hex() else [path]

    def same(name, path):
        value = vector["exchange"][name]
        parts = [part.get(path) for part in vector["exchange"]["components"]]
        return [] if None in parts or "".join(parts) == value else [f"exchange.{name}"]

    for at, part in enumerate(vector["exchange"]["components"]):
        for name, made in component(part):
            yield from differs(f"exchange.components[{at}].{name}", part[name], made)
    for name, path in (("clientShare", "publicKey"), ("serverShare", "ciphertext")):
        yield from same(name, path)
    yield from same("sharedSecret", "sharedSecret")

    digest, aead, size = SUITES[vector["suite"]]
    schedule = Schedule(digest)
    psk = None
    for name in ("session", "key"):
        if name not in vector:
            continue
        given = vector[name]
        psk = bytes.fromhex(given["psk"])
        label = "res binder" if name == "session" else "ext binder"
        if "imported" in given:
            label = "imp binder"
            identity, made = schedule.imported(given["imported"])
            yield from differs("key.identity", given["identity"], identity)
            yield from differs("key.psk", given["psk"], made)
        binder_key = schedule.binder_key(psk, label)
        yield from differs(f"{name}.binderKey", given["binderKey"], binder_key)
        hellos = [at for at, each in enumerate(vector["messages"]) if each["type"] == "client_hello"]
        sent = [bytes.fromhex(message["bytes"]) for message in vector["messages"]]
        for at in hellos:
            # One binder: two bytes for the length of the list, one for its own (§4.3.11.2)
            truncated = sent[at][: -(3 + schedule.size)]
            covered = schedule.transcript(sent[:at] + [truncated], at)
            finished = schedule.expand(binder_key, "finished", b"", schedule.size)
            binder = schedule.hmac(finished, schedule.hash(covered))
            yield from differs(f"messages[{at}].bytes", sent[at][-schedule.size :].hex(), binder)

    shared = bytes.fromhex(vector["exchange"]["sharedSecret"])
    secrets = schedule.secrets(psk, shared, vector["messages"])
    for name, secret in secrets.items():
        yield from differs(f"secrets.{name}", vector["secrets"][name], secret)
    keys = {}
    for name, pair in vector["trafficKeys"].items():
        keys[name] = {part: bytes.fromhex(value) for part, value in pair.items()}
        for part, length in (("key", size), ("iv", 12)):
            made = schedule.expand(secrets[name], part, b"", length)
            yield from differs(f"trafficKeys.{name}.{part}", pair[part], made)
    exported = schedule.export(secrets["exporter"], "EXPERIMENTAL kemistry", b"", 32)
    yield from differs("exported", vector["exported"], exported)
    for at, each in enumerate(vector.get("exports", [])):
        context = bytes.fromhex(each["context"])
        made = schedule.export(secrets[each["secret"]], each["label"], context, each["length"])
        yield from differs(f"exports[{at}].bytes", each["bytes"], made)
    if "leadingZero" in vector:
        zero = vector["exchange"]["components"][vector["leadingZero"]]["sharedSecret"]
        yield from differs("leadingZero", zero[:2], b"\x00")

    messages, data = records(vector, aead, keys)
    listed = [(message["from"], bytes.fromhex(message["bytes"])) for message in vector["messages"]]
    if messages != listed:
        yield "messages"
    for sender in ("client", "server"):
        yield from differs(f"data.{sender}", vector["data"][sender], data[sender])
    yield from differs("early", vector.get("early", ""), data["early"])


def main(paths):
    failures = handshakes = 0
    for path in paths:
        with gzip.open(path, "rt") as file:
            content = json.load(file)
        for vector in content.get("handshakes") or [content["handshake"]]:
            handshakes += 1
            problems = []
            try:
                problems.extend(check(vector))
            except Exception as error:  # a record that does not open, a point off its curve
                problems.append(f"{type(error).__name__}: {error}")
            for problem in problems:
                failures += 1
                print(f"{path}: {vector['name']}: {problem}")
    print(f"{handshakes} handshakes checked, {failures} differences")
    return 1 if failures or not handshakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
