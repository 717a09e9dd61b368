"""Holds `cryptography` and `kyber-py` against key exchanges: pip install cryptography kyber-py

python exchanges.py ../exchanges.json     Put your own implementation in the place of the classes.
"""

import json
import sys

from cryptography.hazmat.primitives.asymmetric import x25519
from kyber_py.ml_kem import ML_KEM_768


class X25519MLKEM768:
    def __init__(self, seed, scalar):
        self.ek, self.dk = ML_KEM_768.key_derive(seed)
        self.scalar = x25519.X25519PrivateKey.from_private_bytes(scalar)
        self.share = self.ek + self.scalar.public_key().public_bytes_raw()

    def shared_secret(self, answer):
        point = x25519.X25519PublicKey.from_public_bytes(answer[1088:])
        return ML_KEM_768.decaps(self.dk, answer[:1088]) + self.scalar.exchange(point)


implementations = {"X25519MLKEM768": X25519MLKEM768}
checked = 0
for index, exchange in enumerate(json.load(open(sys.argv[1]))["exchanges"]):
    if exchange["group"] not in implementations:
        continue
    client = implementations[exchange["group"]](*map(bytes.fromhex, exchange["privateKeys"]))
    made = {"clientShare": client.share}
    made["sharedSecret"] = client.shared_secret(bytes.fromhex(exchange["serverShare"]))
    for member, value in made.items():
        if value.hex() != exchange[member]:
            sys.exit(f"exchanges[{index}].{member} is not {value.hex()}")
    checked += 1
print(f"{checked} exchanges are right")
