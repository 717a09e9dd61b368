//! Holds the crates `ml-kem` and `x25519-dalek` against key exchanges: cargo run -- ../../exchanges.json
//! Put your own implementation in the place of `client`.
use ml_kem::{kem::Decapsulate, EncodedSizeUser, KemCore, MlKem768};
use x25519_dalek::{PublicKey, StaticSecret};

/// The share of X25519MLKEM768, and the secret that follows from the server's.
fn client(seed: &[u8], scalar: &[u8], answer: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (d, z) = seed.split_at(32);
    let (dk, ek) = MlKem768::generate_deterministic(d.try_into().unwrap(), z.try_into().unwrap());
    let key = StaticSecret::from(<[u8; 32]>::try_from(scalar).unwrap());
    let share = [&ek.as_bytes()[..], PublicKey::from(&key).as_bytes()].concat();
    let (ciphertext, point) = answer.split_at(1088);
    let first = dk.decapsulate(ciphertext.try_into().unwrap()).unwrap();
    let second = key.diffie_hellman(&PublicKey::from(<[u8; 32]>::try_from(point).unwrap()));
    (share, [&first[..], second.as_bytes()].concat())
}

fn main() {
    let path = std::env::args().nth(1).expect("a file of key exchanges");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let raw = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    let mut checked = 0;
    for (index, each) in file["exchanges"].as_array().unwrap().iter().enumerate() {
        if each["group"] != "X25519MLKEM768" {
            continue;
        }
        let keys = &each["privateKeys"];
        let (share, secret) = client(&raw(&keys[0]), &raw(&keys[1]), &raw(&each["serverShare"]));
        for (member, made) in [("clientShare", share), ("sharedSecret", secret)] {
            if made != raw(&each[member]) {
                eprintln!("exchanges[{index}].{member} is not {}", hex::encode(made));
                std::process::exit(1);
            }
        }
        checked += 1;
    }
    println!("{checked} exchanges are right");
}
