/** A stretch of words without punctuation inside: what is said in one go, and can be one number or date. */
export interface Phrase {
  /** In lower case, NFC; hyphenated number words are apart. */
  readonly words: readonly string[];
  /** The same as they were written. */
  readonly shown: readonly string[];
  /** For each word the token it is part of. */
  readonly tokens: readonly number[];
  /** Whether the text before it ends a sentence, or there is none. */
  readonly beginsSentence: boolean;
}

/** A place in a text: words separated by white space, with the punctuation around the first and the last. */
export interface Token {
  readonly before: string;
  readonly core: string;
  readonly after: string;
}

/** What is written in place of some tokens. */
export interface Edit {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly text: string;
}

const tokenParts = /^(["'“‘«([¿¡]*)(.*?)([.,!?;:…"'”’»)\]]*)$/su;

/** Tokens of a text. Joined by spaces they are the text again, but for its white space. */
export function tokensOf(text: string): Token[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((token) => {
      const [, before = '', core = '', after = ''] = tokenParts.exec(token) ?? [];
      return { before, core, after };
    });
}

/** @param splits tells of a part of a hyphenated word whether it is a number word */
export function phrasesOf(tokens: readonly Token[], splits: (part: string) => boolean): Phrase[] {
  const phrases: Phrase[] = [];
  let open: { words: string[]; shown: string[]; tokens: number[]; beginsSentence: boolean } | undefined;
  let ended = true;
  for (const [index, { before, core, after }] of tokens.entries()) {
    if (open === undefined || before !== '') {
      open = { words: [], shown: [], tokens: [], beginsSentence: ended };
      phrases.push(open);
    }
    const parts = core.split('-');
    const apart = parts.length > 1 && parts.every((part) => splits(part.toLowerCase())) ? parts : [core];
    for (const part of apart) {
      open.words.push(part.normalize('NFC').toLowerCase().replaceAll('’', "'"));
      open.shown.push(part);
      open.tokens.push(index);
    }
    // What stands behind an abbreviation belongs to it.
    const ends = after !== '' && !(after === '.' && /^[\p{L}]\.[\p{L}]$/u.test(core));
    ended = /[.!?…]/.test(after);
    if (ends) open = undefined;
  }
  return phrases;
}

/** Puts the written text into the place of its tokens, with the punctuation around them. */
export function writtenTokens(tokens: readonly Token[], { from, to, text }: Edit): string {
  const { before = '' } = tokens[from] ?? {};
  const { after = '' } = tokens[to - 1] ?? {};
  const whole = text.endsWith('.') && after.startsWith('.') ? after.slice(1) : after;
  return before + text + whole;
}
