import { randomUUID } from 'node:crypto';

/** Buses of this process that run. */
const running = new Set<string>();

/** A name for one bus in one process, under which it holds leases: `<pid>.<random>`. */
export function registerInstance(): { name: string; unregister: () => void } {
  const name = `${process.pid}.${randomUUID()}`;
  running.add(name);
  return { name, unregister: () => running.delete(name) };
}

/** Whether the process that holds a lease is gone. A reused process id is not seen: then the lease runs out. */
export function isGone(name: string): boolean {
  if (running.has(name)) return false;
  const pid = Number.parseInt(name, 10);
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
