/**
 * What Anastasova and others measured of mutual TLS with post-quantum keys (AWS, 2025): times of single connections,
 * published with the study. Milliseconds until the client's flight is acknowledged (no payload), or until the last
 * byte of the payload; of 1000 connections a cell. The server's initial window was 24 segments.
 */

export interface AwsCell {
  /** The client's, in segments. */
  readonly initialWindow: number;
  /** Milliseconds. */
  readonly rtt: number;
  /** kB that the server sends after the handshake. */
  readonly payload: number;
  /** Mbit/s. */
  readonly rate: number;
  /** 25th percentile of the handshake time, ms. */
  readonly p25: number;
  /** 50th percentile of the handshake time, ms. */
  readonly p50: number;
  /** 75th percentile of the handshake time, ms. */
  readonly p75: number;
  /** 95th percentile of the handshake time, ms. */
  readonly p95: number;
}

export const awsCells = (): AwsCell[] =>
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [initialWindow, rtt, payload, rate, p25, p50, p75, p95] = line.split(" ").map(Number);
      return {
        initialWindow: initialWindow!,
        rtt: rtt!,
        payload: payload!,
        rate: rate!,
        p25: p25!,
        p50: p50!,
        p75: p75!,
        p95: p95!,
      };
    });

/** Initial window, round-trip time, payload, rate; then the percentiles. */
const table = `
10 36.63 0 1 455.7 456.32 456.95 457.84
10 34.89 0 100 144.87 145.54 146.19 147.14
10 35.08 0 1000 143.89 144.47 145.17 146.2
10 36.49 150 1 1782.73 1783.39 1784.13 1785.17
10 35.03 150 100 287.72 288.6 289.63 290.87
10 34.93 150 1000 252.17 283.26 284.84 286.44
10 36.66 400 1 3926.95 3927.61 3928.33 3929.32
10 34.88 400 100 393.9 397.25 399.31 402.28
10 35.06 400 1000 361.92 392.59 394.39 396.51
10 36.63 50 1 924.87 925.5 926.24 927.39
10 35.27 50 100 219.09 219.89 220.6 221.62
10 35 50 1000 214.74 215.54 216.38 217.53
10 51.41 0 1 500.09 500.9 501.85 503.06
10 49.91 0 100 205.52 206.34 207.14 208.41
10 50.28 0 1000 205.32 206.13 207.01 208.36
10 51.85 150 1 1844.45 1845.32 1846.32 1847.69
10 49.83 150 100 361.2 362.26 363.38 409.84
10 49.94 150 1000 357.72 358.84 360.03 361.91
10 51.63 400 1 3987.1 3988.03 3988.88 3990.44
10 49.95 400 100 558.81 561.73 564.66 568.68
10 50.23 400 1000 557.27 560.01 562.38 565.12
10 51.68 50 1 985.5 986.45 987.34 988.8
10 49.84 50 100 307.42 308.49 309.6 311.09
10 49.88 50 1000 305.1 306.05 307.12 308.75
24 36.7 0 1 457.21 457.78 458.42 459.3
24 35.09 0 100 111.14 111.61 112.14 112.93
24 35.04 0 1000 108.88 109.42 109.97 110.7
24 36.52 150 1 1784.19 1784.88 1785.52 1786.6
24 34.94 150 100 252.59 253.37 254.21 255.4
24 35.02 150 1000 217.89 249.25 250.84 252.4
24 36.52 400 1 3927.74 3928.45 3929.13 3930.12
24 35.16 400 100 362.36 365.6 367.5 370.21
24 35.03 400 1000 326.51 357.43 359.21 361.29
24 36.58 50 1 926.08 926.73 927.44 928.46
24 35.03 50 100 183.1 183.8 184.48 185.53
24 34.94 50 1000 179.8 180.48 181.09 182.09
24 51.51 0 1 502 502.74 503.54 504.95
24 50.16 0 100 156.9 157.57 158.35 159.38
24 50.36 0 1000 155.59 156.29 157.03 158.1
24 51.67 150 1 1845.23 1846.1 1846.95 1848.35
24 50.14 150 100 313.59 314.64 315.62 317.27
24 50.37 150 1000 310.63 311.62 312.66 314.04
24 51.56 400 1 3988.34 3989.2 3990.16 3991.48
24 49.96 400 100 508.92 511.93 514.81 519.55
24 50.11 400 1000 505.91 508.89 510.88 513.8
24 51.46 50 1 985.98 986.87 987.83 989.34
24 50.31 50 100 260.52 261.46 262.35 263.77
24 50.22 50 1000 257.29 258.11 259.06 260.49
`;
