/** A key, as the screen knows it. `text` is one character that was typed. */
export type Key =
  | { readonly name: 'enter' | 'escape' | 'interrupt' | 'backspace' | 'other' }
  | { readonly name: 'up' | 'down' | 'page-up' | 'page-down' | 'end' }
  | { readonly name: 'text' | 'paste'; readonly text: string };

/** A lone Esc and the start of a sequence look alike; after this long it was a lone one, ms. */
const ESCAPE_MS = 50;

/** Has the terminal say what was pasted, so that a line break in it does not stop the recording. */
export const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' } as const;
const pasteBegin = '\x1b[200~';
const pasteEnd = '\x1b[201~';

/** Reads keys from a terminal in raw mode. */
export function createKeyReader(onKey: (key: Key) => void): { read(data: string): void; close(): void } {
  let waiting = '';
  let pasted: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  function read(data: string): void {
    clearTimeout(timer);
    let rest = waiting + data;
    waiting = '';
    while (rest !== '') {
      const length = sequenceLength(rest);
      if (length === undefined) {
        waiting = rest;
        timer = setTimeout(() => {
          waiting = '';
          onKey({ name: 'escape' });
        }, ESCAPE_MS);
        return;
      }
      take(rest.slice(0, length));
      rest = rest.slice(length);
    }
  }

  function take(input: string): void {
    if (input === pasteBegin) pasted = '';
    else if (input === pasteEnd) {
      onKey({ name: 'paste', text: (pasted ?? '').replace(/\s+/g, ' ') });
      pasted = undefined;
    } else if (pasted !== undefined) pasted += input;
    else onKey(keyOf(input));
  }
  return { read, close: () => clearTimeout(timer) };
}

/** How much of the input is one key; undefined when it may go on. */
function sequenceLength(input: string): number | undefined {
  if (!input.startsWith('\x1b')) return String.fromCodePoint(input.codePointAt(0) ?? 0).length;
  if (input === '\x1b' || input === '\x1b[' || input === '\x1bO') return undefined;
  // https://ecma-international.org/publications-and-standards/standards/ecma-48/ 5.4: parameters, then a final byte.
  const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/.exec(input.slice(1));
  if (sequence !== null) return 1 + sequence[0].length;
  return input.startsWith('\x1b[') ? undefined : 1;
}

const sequences: Readonly<Record<string, 'up' | 'down' | 'page-up' | 'page-down' | 'end'>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
};

function keyOf(input: string): Key {
  const sequence = sequences[input.slice(1)];
  if (input.startsWith('\x1b') && sequence !== undefined) return { name: sequence };
  if (input === '\r' || input === '\n') return { name: 'enter' };
  if (input === '\x1b') return { name: 'escape' };
  if (input === '\x03') return { name: 'interrupt' };
  if (input === '\x7f' || input === '\b') return { name: 'backspace' };
  return input < ' ' ? { name: 'other' } : { name: 'text', text: input };
}
