/** Words between the parts of a spoken address. */
const atWords: readonly (readonly string[])[] = [
  ['at'],
  ['ät'],
  ['arroba'],
  ['arobase'],
  ['arrobase'],
  ['a', 'còng'],
];
const joints = new Map([
  ...['dot', 'punkt', 'point', 'punto', 'ponto', 'chấm'].map((word) => [word, '.'] as const),
  ...[
    'underscore',
    'unterstrich',
    'underline',
    'guion',
    'dash',
    'hyphen',
    'minus',
    'bindestrich',
    'tiret',
  ].map((word) => [word, '-'] as const),
]);
const domainEnds = new Set(
  `com org net edu gov io dev app ai co uk de fr es pt br vn it nl ch at be eu us ca au jp in pl me info biz online
  shop tech cloud`.split(/\s+/),
);
/** In front of "at" and a domain: somebody speaks of a place, not of an address. */
const notNames = new Set(
  `is are was were be been look looked looking see find found us me it them you him her here there page site works work
  worked working met meet live lives hosted host available visit sign register up out data based team people job i
  and or on event store shop apply check order bought read posted online start started arrive`.split(/\s+/),
);

const written = /^[\w.+%-]+@[\w-]+(?:\.[\w-]+)+$/u;

/** An e-mail address that begins at a token, written or spoken. @returns the token behind it */
export function emailAt(words: readonly string[], at: number): number | undefined {
  const word = words[at] ?? '';
  if (written.test(word)) return at + 1;
  const domainFrom = signedAt(words, at);
  if (domainFrom === undefined) return undefined;
  const domain = dottedAt(words, domainFrom);
  if (domain === undefined) return undefined;
  const last = (words[domain.end - 1] ?? '').split('.').at(-1) ?? '';
  return domain.parts > 1 && domainEnds.has(last) ? domain.end : undefined;
}

/** Whether all words from a token on may be the beginning of a spoken address: "alex at example" */
export function unfinishedEmailAt(words: readonly string[], at: number): boolean {
  const from = signedAt(words, at);
  if (from === undefined) return false;
  if (from >= words.length) return true;
  const end = dottedAt(words, from)?.end;
  return end !== undefined && words.slice(end).every((word) => joints.has(word));
}

/** The token behind "alex dot miller at". */
function signedAt(words: readonly string[], at: number): number | undefined {
  const name = dottedAt(words, at);
  if (name === undefined) return undefined;
  const sign = atWords.find((parts) => parts.every((part, index) => words[name.end + index] === part));
  if (sign === undefined) return undefined;
  // "Look at example dot com"; with a joint in it, it is a name all the same.
  if (notNames.has(words[name.end - 1] ?? '') && name.parts === 1 && sign[0] === 'at') return undefined;
  return name.end + sign.length;
}

/** "alex dot miller", "example dot com", "example.com" */
function dottedAt(words: readonly string[], at: number): { end: number; parts: number } | undefined {
  const first = words[at] ?? '';
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._+-]*$/u.test(first) || joints.has(first)) return undefined;
  let parts = first.split('.').length;
  let end = at + 1;
  while (joints.has(words[end] ?? '') && /^[\p{L}\p{N}][\p{L}\p{N}.-]*$/u.test(words[end + 1] ?? '')) {
    end += 2;
    parts += 1;
  }
  return { end, parts };
}
