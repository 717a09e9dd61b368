"""Checks the handshakes of this folder with other libraries than the project's.

    pip install cryptography kyber-py
    python check.py handshakes.json.gz

From the private keys of the certificates and the messages it makes again what the file says was encapsulated, the
secrets, the keys, and both Finished, and opens the records. HPKE's export and both key schedules are written down here.
The exit code is 1 if a value differs; each that does is named.
"""

import gzip
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kyber_py.ml_kem import ML_KEM_512, ML_KEM_768, ML_KEM_1024

# KEM and KDF of HPKE, and the KDF's hash
SCHEMES = {
    "kem_mlkem512": (0x0040, 1, "sha256", ML_KEM_512),
    "kem_mlkem768": (0x0041, 1, "sha256", ML_KEM_768),
    "kem_mlkem1024": (0x0042, 2, "sha384", ML_KEM_1024),
    "dhkem_x25519_sha256": (0x0020, 1, "sha256", None),
}
SUITES = {"TLS_AES_128_GCM_SHA256": ("sha256", 16), "TLS_AES_256_GCM_SHA384": ("sha384", 32)}
HELLO, ANSWER, FINISHED, ENCAPSULATION = 1, 2, 20, 30


def two(value):
    return value.to_bytes(2, "big")


def mac(name, key, data):
    return hmac.new(key, data, name).digest()


def hkdf_expand(name, secret, info, length):
    block, output, counter = b"", b"", 1
    while len(output) < length:
        block = mac(name, secret, block + info + bytes([counter]))
        output, counter = output + block, counter + 1
    return output[:length]


def labeled_extract(name, suite, salt, label, key):
    size = hashlib.new(name).digest_size
    return mac(name, salt or bytes(size), b"HPKE-v1" + suite + label + key)


def labeled_expand(name, suite, secret, label, info, length):
    return hkdf_expand(name, secret, two(length) + b"HPKE-v1" + suite + label + info, length)


def private_of(pkcs8, scheme):
    """The last 64 bytes are ML-KEM's seed (RFC 9935), the last 32 X25519's key (RFC 8410)."""
    return pkcs8[-32:] if scheme == "dhkem_x25519_sha256" else pkcs8[-64:]


def shared_of(scheme, private, ciphertext):
    """What the KEM gives, and the public key."""
    ml_kem = SCHEMES[scheme][3]
    if ml_kem is None:
        key = X25519PrivateKey.from_private_bytes(private)
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return key.exchange(X25519PublicKey.from_public_bytes(ciphertext)), public
    public, secret = ml_kem.key_derive(private)
    return ml_kem.decaps(secret, ciphertext), public


def exported(scheme, private, ciphertext, role, size):
    """SSs or SSc: HPKE's base mode, export only (RFC 9180 §5)."""
    kem, kdf, name, ml_kem = SCHEMES[scheme]
    shared, public = shared_of(scheme, private, ciphertext)
    secret = shared
    if ml_kem is None:
        own = b"KEM" + two(kem)
        prk = labeled_extract("sha256", own, b"", b"eae_prk", shared)
        secret = labeled_expand("sha256", own, prk, b"shared_secret", ciphertext + public, 32)
    suite = b"HPKE" + two(kem) + two(kdf) + two(0xFFFF)
    context = b"\0" + labeled_extract(name, suite, b"", b"psk_id_hash", b"")
    context += labeled_extract(name, suite, b"", b"info_hash", b"tls13 auth-kem")
    secret = labeled_extract(name, suite, secret, b"secret", b"")
    length = hashlib.new(name).digest_size
    exporter = labeled_expand(name, suite, secret, b"exp", context, length)
    info = f"{role} authentication".encode()
    return shared, labeled_expand(name, suite, exporter, b"sec", info, size)


class Schedule:
    def __init__(self, vector):
        self.name, self.key_length = SUITES[vector["suite"]]
        self.size = hashlib.new(self.name).digest_size
        self.messages = [(each["from"], bytes.fromhex(each["bytes"])) for each in vector["messages"]]

    def expand(self, secret, label, context, length=None):
        length = length or self.size
        full = b"tls13 " + label.encode()
        info = two(length) + bytes([len(full)]) + full + bytes([len(context)]) + context
        return hkdf_expand(self.name, secret, info, length)

    def derive(self, secret, label, covered):
        return self.expand(secret, label, hashlib.new(self.name, covered).digest())

    def place(self, sender, kind):
        for at, (who, message) in enumerate(self.messages):
            if (who, message[0]) == (sender, kind):
                return at
        raise ValueError(f"the {sender} sent no message {kind}")

    def until(self, sender, kind):
        return b"".join(message for _, message in self.messages[: self.place(sender, kind) + 1])

    def verify_data(self, main, role):
        covered = b"".join(each for _, each in self.messages[: self.place(role, FINISHED)])
        key = self.expand(main, f"{role} finished", b"")
        return mac(self.name, key, hashlib.new(self.name, covered).digest())

    def secrets(self, stored, shared, server, client):
        zeros = bytes(self.size)
        made = {"serverEncapsulated": server}
        if client is not None:
            made["clientEncapsulated"] = client
        early = mac(self.name, zeros, server if stored else zeros)
        if stored and client is not None:
            hello = self.until("client", HELLO)
            made["clientEarlyHandshakeTraffic"] = self.derive(early, "c e hs traffic", hello)
        handshake = mac(self.name, self.derive(early, "derived", b""), shared)
        answer = self.until("server", ANSWER)
        made |= {"early": early, "handshake": handshake}
        for role in ("client", "server"):
            made[f"{role}HandshakeTraffic"] = self.derive(handshake, f"{role[0]} hs traffic", answer)
        salt = self.derive(handshake, "derived", b"")
        if not stored:
            authenticated = mac(self.name, salt, server)
            covered = self.until("client", ENCAPSULATION)
            made["authenticated"] = authenticated
            for role in ("client", "server"):
                label = f"{role[0]} ahs traffic"
                made[f"{role}AuthenticatedTraffic"] = self.derive(authenticated, label, covered)
            salt = self.derive(authenticated, "derived", b"")
        main = mac(self.name, salt, client or zeros)
        of_client, of_server = self.until("client", FINISHED), self.until("server", FINISHED)
        made |= {
            "main": main,
            "clientApplicationTraffic": self.derive(main, "c ap traffic", of_server if stored else of_client),
            "serverApplicationTraffic": self.derive(main, "s ap traffic", of_server),
            "exporter": self.derive(main, "exp master", of_server),
            "resumption": self.derive(main, "res master", of_client if stored else of_server),
        }
        return made


def records(flight):
    at = 0
    while at < len(flight):
        length = int.from_bytes(flight[at + 3 : at + 5], "big")
        yield flight[at : at + 5 + length]
        at += 5 + length


def opened(vector, role):
    """The handshake messages in the flights of one end, under its keys in their order."""
    order = ["EarlyHandshake", "Handshake", "Authenticated", "Application"]
    names = [f"{role}{epoch}Traffic" for epoch in order]
    keys = [vector["trafficKeys"][name] for name in names if name in vector["trafficKeys"]]
    held, sequence = b"", 0
    for flight in vector["flights"]:
        if flight["from"] != role:
            continue
        for record in records(bytes.fromhex(flight["bytes"])):
            if record[0] == 22:
                held += record[5:]
            while record[0] == 23:
                key, iv = (bytes.fromhex(keys[0][part]) for part in ("key", "iv"))
                nonce = iv[:-1] + bytes([iv[-1] ^ sequence])
                try:
                    held += AESGCM(key).decrypt(nonce, record[5:], record[:5]).rstrip(b"\0")[:-1]
                    sequence += 1
                    break
                except Exception:
                    keys, sequence = keys[1:], 0
    return held


def check(vector):
    schedule, stored = Schedule(vector), vector["kind"].startswith("stored")
    made = {}
    for role in ("server", "client"):
        if role not in vector["encapsulated"]:
            continue
        said = vector["encapsulated"][role]
        private = private_of(bytes.fromhex(vector[role]["privateKey"]), vector["scheme"])
        ciphertext = bytes.fromhex(said["ciphertext"])
        shared, made[role] = exported(vector["scheme"], private, ciphertext, role, schedule.size)
        if shared.hex() != said["sharedSecret"]:
            yield f"encapsulated.{role}.sharedSecret"
    shared = bytes.fromhex(vector["sharedSecret"])
    secrets = schedule.secrets(stored, shared, made["server"], made.get("client"))
    for name in secrets.keys() | vector["secrets"].keys():
        if name not in secrets or secrets[name].hex() != vector["secrets"].get(name):
            yield f"secrets.{name}"
    traffic = {name for name in secrets if name.endswith("Traffic")}
    for name in traffic | vector["trafficKeys"].keys():
        keys = {
            "key": schedule.expand(secrets[name], "key", b"", schedule.key_length).hex(),
            "iv": schedule.expand(secrets[name], "iv", b"", 12).hex(),
        }
        if vector["trafficKeys"].get(name) != keys:
            yield f"trafficKeys.{name}"
    for role in ("client", "server"):
        at = schedule.place(role, FINISHED)
        if schedule.messages[at][1][4:] != schedule.verify_data(secrets["main"], role):
            yield f"messages[{at}]: verify_data"
        said = b"".join(message for who, message in schedule.messages if who == role)
        if opened(vector, role) != said:
            yield f"flights of the {role}"


def main(paths):
    wrong = checked = 0
    for path in paths:
        with gzip.open(path) as file:
            handshakes = json.load(file)["handshakes"]
        for vector in handshakes:
            checked += 1
            for problem in check(vector):
                wrong += 1
                print(f"{vector['name']}: {problem} is not what follows")
    print(f"{checked} handshakes, {wrong} values differ")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
