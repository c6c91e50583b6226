import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from './io.ts';

/** What became of a text that was to go on the clipboard. */
export type CopyResult =
  /** It is there: read back and compared. */
  | { readonly how: 'clipboard'; readonly verified: boolean }
  /** The terminal was asked to take it (OSC 52); whether it did cannot be told. */
  | { readonly how: 'terminal' }
  | { readonly how: 'none'; readonly why: string };

export interface Clipboard {
  copy(text: string): Promise<CopyResult>;
  /** How a text would get there, as far as can be told without changing what is on it. */
  way(): Promise<CopyResult['how']>;
}

interface ClipboardOptions {
  readonly io: Pick<Io, 'stdout' | 'stderr' | 'env'>;
  /** The system's clipboard; clipboardy unless a test says otherwise. */
  loadSystem?(): Promise<{ write(text: string): Promise<void>; read(): Promise<string> }>;
  readonly timeoutMs?: number;
  /** How long the clipboard may hold something else after a write. */
  readonly settleMs?: number;
}

/** Base64 a terminal must take by the xterm control sequence list; many stop at 100,000 bytes. */
const OSC52_LIMIT_BYTES = 100_000;

const READ_EVERY_MS = 20;

/** The clipboard of this machine; where there is none, the one of the terminal. */
export function createClipboard({
  io,
  loadSystem = async () => (await import('clipboardy')).default,
  timeoutMs = 3000,
  settleMs = 500,
}: ClipboardOptions): Clipboard {
  const findTerminal = () => [io.stdout, io.stderr].find((stream) => stream.isTTY === true);
  return {
    async way() {
      try {
        const system = await loadSystem();
        await within(timeoutMs, system.read());
        return 'clipboard';
      } catch {
        return findTerminal() === undefined ? 'none' : 'terminal';
      }
    },
    async copy(text) {
      try {
        const system = await loadSystem();
        await within(timeoutMs, system.write(text));
        // xsel ends before the process that it leaves behind has the text to give.
        const until = performance.now() + settleMs;
        do {
          const back = await within(timeoutMs, system.read()).catch(() => undefined);
          if (back === undefined) return { how: 'clipboard', verified: false };
          if (sameText(back, text)) return { how: 'clipboard', verified: true };
          await sleep(READ_EVERY_MS);
        } while (performance.now() < until);
      } catch {
        // The next way.
      }
      const terminal = findTerminal();
      if (terminal === undefined)
        return { how: 'none', why: 'there is no clipboard program and no terminal' };
      const encoded = Buffer.from(text, 'utf8').toString('base64');
      if (encoded.length > OSC52_LIMIT_BYTES)
        return { how: 'none', why: 'there is no clipboard program, and it is too long for the terminal' };
      terminal.write(osc52(encoded, io.env));
      return { how: 'terminal' };
    },
  };
}

/** OSC 52, wrapped for tmux and screen, which otherwise keep it to themselves. */
function osc52(encoded: string, env: Io['env']): string {
  const sequence = `\x1b]52;c;${encoded}\x07`;
  if (env.TMUX) return `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
  if (env.TERM?.startsWith('screen')) return `\x1bP${sequence}\x1b\\`;
  return sequence;
}

/** Some clipboards change line ends or drop the last one. */
const sameText = (a: string, b: string) => a.replaceAll('\r\n', '\n').trimEnd() === b.trimEnd();

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the clipboard does not answer')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
