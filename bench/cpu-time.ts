/** Microseconds of CPU time that this process has used, all its threads included. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
