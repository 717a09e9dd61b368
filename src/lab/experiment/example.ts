/** The experiment that `lab init` writes: small, with every factor explained. */
import { factorNames, factors } from "./factors.ts";

const used = `# An experiment for kemistry lab. Run it:   kemistry lab run FILE
# Check it:                                 kemistry lab check FILE

name: Hybrid key exchange over three links

# All draws follow from the seed: the same file gives the same figures everywhere.
seed: 1

# Handshakes in a cell. A cell in which nothing is left to chance runs once.
repetitions: 500

# Which the report shows.
percentiles: [50, 75, 95]

# Every value of a list is combined with every value of the others.
factors:
  group: [x25519, X25519MLKEM768, x25519+HQC-1]
  signature: [ecdsa_secp256r1_sha256, mldsa65]
  chain: intermediate
  rtt: [20, 100]
  loss: [0, 0.005, 0.01, 0.02, 0.05]
`;

const rest = `
# Instead of one product, several; each replaces some of the factors above:
# cases:
#   - { resumed: true, earlyData: [0, 1000] }
#   - { mutual: true }

# Chains by name, slot by slot. What is left out is the cell's signature, and so is "same".
# chains:
#   web: { leaf: mldsa44, intermediates: [mldsa65], root: mldsa87, timestamps: [ed25519, ed25519], ocsp: true }

# An algorithm of your own by its sizes in bytes: use it as a group (my-kem, or x25519+my-kem) or a signature.
# sizes:
#   kems:
#     my-kem: { publicKey: 1200, ciphertext: 1100 }
#   signatures:
#     my-signature: { publicKey: 900, signature: 1500 }

# Links of your own, and times of operations in ms for cpu: my-machine.
# links:
#   office: { rtt: 12, rate: 200, loss: 0.001 }
# cpuTables:
#   my-machine:
#     operations:
#       x25519: { generate: 0.03, encapsulate: 0.06, decapsulate: 0.03 }
`;

/** YAML with comments. */
export function exampleExperiment(): string {
  const others = factorNames.filter((name) => !new RegExp(`^  ${name}:`, "m").test(used));
  const lines = others.map((name) => {
    const { fallback, about } = factors[name];
    return `  # ${`${name}: ${JSON.stringify(fallback).replaceAll('"', "")}`.padEnd(34)} # ${about}`;
  });
  return `${used}  # All other factors, with what they are if you do not say:\n${lines.join("\n")}\n${rest}`;
}
