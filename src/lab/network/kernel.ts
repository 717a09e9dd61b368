/** What differs between kernels: timers, and how a lost SYN is repeated. */

/** The sides of a kernel that a handshake can notice. */
export interface Kernel {
  /** Nanoseconds of one jiffy; 0: timers are exact, to the microsecond. */
  readonly jiffy: number;
  /** SYNs that are repeated a second after the last one, before the interval doubles (`tcp_syn_linear_timeouts`). */
  readonly linearSyns: number;
  /** Microseconds that are added to the timers of RACK and TLP (`TCP_TIMEOUT_MIN`). */
  readonly timeoutMinimum: number;
  /** Answers within the time of a delayed acknowledgement after which an end is interactive (`TCP_PINGPONG_THRESH`). */
  readonly pingPongs: number;
}

const linux4 = { jiffy: 4_000_000, linearSyns: 0, timeoutMinimum: 8000, pingPongs: 1 };
const linux5 = { ...linux4, pingPongs: 3 };
const linux65 = { ...linux4, linearSyns: 4 };
const linux66 = { ...linux65, timeoutMinimum: 2000 };

/**
 * Linux at 250 Hz, the configuration of Debian and Ubuntu. From 5.1 to 5.19 an end was interactive after three
 * answers, before and after it after one. From 6.5 four SYNs are repeated a second apart. From 6.6 the smallest
 * timeout is two milliseconds, and no longer two jiffies.
 */
export const kernels = {
  "linux-4.15": linux4,
  "linux-5.4": linux5,
  "linux-5.15": linux5,
  "linux-6.1": linux4,
  "linux-6.5": linux65,
  "linux-6.6": linux66,
  "linux-6.12": linux66,
  /** Timers that fire on the microsecond: for closed forms, not for predictions. */
  ideal: { ...linux66, jiffy: 0 },
} as const satisfies Record<string, Kernel>;

/** The kernel whose TCP a host models. */
export type KernelName = keyof typeof kernels;

/**
 * When a timer fires that is set now, to run for `microseconds`: on a tick, and never early. Linux files a timer
 * by whole jiffies up to 63 of them, by 8 up to 504, by 64 up to 4032 and so on, and rounds up
 * (kernel/time/timer.c, `calc_wheel_index`). `phase` is how far the ticks are shifted against our clock, in ns.
 */
export function fires(kernel: Kernel, phase: number, now: number, microseconds: number): number {
  const jiffy = kernel.jiffy;
  if (jiffy === 0) return now + Math.max(1, Math.ceil(microseconds)) * 1000;
  const jiffies = Math.ceil((microseconds * 1000) / jiffy);
  const due = Math.floor((now + phase) / jiffy) + jiffies;
  // The wheel already stands at the next tick, so its first level holds 63 jiffies
  let grain = 1;
  for (let reach = 63; jiffies > reach; reach *= 8) grain *= 8;
  return (Math.floor(due / grain) + 1) * grain * jiffy - phase;
}
