import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second, on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds that all processes have used since the machine started. Linux only. */
export function machineSeconds(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS;
}

/** CPU seconds of a process so far; what it used last when it is gone. */
export function processSeconds(pid: number, before = 0): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return before;
  }
}

/** Resident memory of a process, MB: now, and at its highest. */
export function processMemory(pid: number): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: megabytes('VmRSS'), highest: megabytes('VmHWM') };
}

/** Processes that were started with a value in their environment. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(variable);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/**
 * Watches what a measurement's own processes use of the machine, from now on.
 * @param pids of those processes; some may come and go
 * @returns ends the watch and tells how many cores everything else used
 */
export function watchOthers(pids: () => readonly number[]): () => number {
  const used = new Map<number, number>();
  const own = () => {
    for (const pid of pids()) used.set(pid, processSeconds(pid, used.get(pid)));
    return [...used.values()].reduce((sum, value) => sum + value, 0);
  };
  const before = own();
  const [busy, started] = [machineSeconds(), performance.now()];
  // Often enough to have seen a process before it ends.
  const watch = setInterval(own, 500);
  return () => {
    clearInterval(watch);
    const length = (performance.now() - started) / 1000;
    return Math.max(0, (machineSeconds() - busy - (own() - before)) / length);
  };
}

/** Waits until the machine is quiet: fewer than `cores` used for a second, or so many seconds have passed. */
export async function quietMachine(cores = 0.25, patienceSeconds = 120): Promise<void> {
  const giveUp = performance.now() + patienceSeconds * 1000;
  for (let quiet = 0; quiet < 2 && performance.now() < giveUp; ) {
    const [busy, at] = [machineSeconds(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 600));
    quiet = (machineSeconds() - busy) / ((performance.now() - at) / 1000) < cores ? quiet + 1 : 0;
  }
}
