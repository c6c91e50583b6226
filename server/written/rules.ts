import { type Amount, groupDigits, nameAt, type RuleResult, type SpokenLanguage } from './language.ts';
import type { Phrase } from './phrase.ts';

/** So many single digits in a row are a telephone number or a code. */
const FEWEST_DIGITS = 4;
const writtenNumber = /^\d+(?:[.,\u202f]\d+)*$/u;

/** The rules that all languages share, on the words of one. */
export function sharedRules(language: SpokenLanguage) {
  const { decimal, scales, percent, currencies, units, ranges, thousands } = language;

  function amountAt(phrase: Phrase, at: number): Amount | undefined {
    const { words, shown } = phrase;
    const written = shown[at];
    if (written !== undefined && writtenNumber.test(written)) {
      const value = Number(written.replaceAll(decimal.sign === ',' ? '.' : ',', '').replace(',', '.'));
      return withScale(phrase, { value, text: written, end: at + 1, inDigits: true, isRound: false });
    }
    const whole = language.number(words, at);
    if (whole === undefined) return undefined;
    const fraction = fractionAt(words, whole.end);
    if (fraction !== undefined) {
      const text = `${groupDigits(whole.value, thousands)}${decimal.sign}${fraction.digits}`;
      const value = Number(`${whole.value}.${fraction.digits}`);
      return withScale(phrase, { value, text, end: fraction.end, inDigits: false, isRound: true });
    }
    return numberAmount(phrase, at, whole);
  }

  function numberAmount(phrase: Phrase, at: number, { value, end }: { value: number; end: number }): Amount {
    const own = language.writeNumber?.(phrase, at, { value, end });
    const noun = phrase.words[end - 1] ?? '';
    const scale = scales.get(noun);
    const isRound = scale !== undefined && end - at > 1 && value % scale === 0 && value < scale * 1000;
    const text =
      own ??
      (isRound
        ? `${groupDigits(value / scale, thousands)} ${phrase.shown[end - 1]}`
        : groupDigits(value, thousands));
    return { value, text, end, inDigits: false, isRound };
  }

  /** "1.5 million": the noun stays. */
  function withScale({ words, shown }: Phrase, amount: Amount): Amount {
    const scale = scales.get(words[amount.end] ?? '');
    if (scale === undefined) return amount;
    const { value, text, end, inDigits } = amount;
    return { value: value * scale, text: `${text} ${shown[end]}`, end: end + 1, inDigits, isRound: true };
  }

  function fractionAt(words: readonly string[], at: number): { digits: string; end: number } | undefined {
    if (!decimal.words.includes(words[at] ?? '')) return undefined;
    let digits = '';
    let end = at + 1;
    for (; language.digits.has(words[end] ?? ''); end++) digits += language.digits.get(words[end] as string);
    const pair = language.number(words, at + 1);
    if (pair !== undefined && pair.value >= 10 && pair.value <= 99 && pair.end >= end)
      return { digits: `${pair.value}`, end: pair.end };
    return digits === '' ? undefined : { digits, end };
  }

  function measured(phrase: Phrase, at: number): RuleResult | undefined {
    const amount = amountAt(phrase, at);
    if (amount === undefined) return undefined;
    const { words } = phrase;
    const percentEnd = nameAt(words, amount.end, percent.names);
    if (percentEnd !== undefined) return { end: percentEnd, text: `${amount.text}${percent.sign}` };
    for (const { names, cents, write } of currencies) {
      const end = nameAt(words, amount.end, names);
      // The sign of a currency is that of its greatest country.
      if (end === undefined || /^(?:canad|austral|neozel)/.test(words[end] ?? '')) continue;
      const rest = cents === undefined || amount.isRound ? undefined : centsAt(phrase, end, cents);
      return rest === undefined
        ? { end, text: write(amount.text) }
        : { end: rest.end, text: write(`${amount.text}${decimal.sign}${rest.digits}`) };
    }
    for (const [name, sign] of units) {
      const end = nameAt(words, amount.end, [name]);
      if (end !== undefined) return { end, text: `${amount.text} ${sign}` };
    }
    return undefined;
  }

  /** "and fifty cents", and where a language says it so, the number alone. */
  function centsAt(phrase: Phrase, at: number, names: readonly string[]) {
    const { words } = phrase;
    const from = ['and', 'et', 'y', 'e', 'con', 'und'].includes(words[at] ?? '') ? at + 1 : at;
    const number = language.number(words, from);
    if (number === undefined || number.value < 1 || number.value > 99) return undefined;
    const end = names.includes('') && from === at ? number.end : undefined;
    const named = nameAt(
      words,
      number.end,
      names.filter((name) => name !== ''),
    );
    const last = named ?? (number.value >= 10 ? end : undefined);
    return last === undefined ? undefined : { end: last, digits: `${number.value}`.padStart(2, '0') };
  }

  /** "four one one one", "double five": digits one by one. */
  function digitRun({ words }: Phrase, at: number): RuleResult | undefined {
    let digits = '';
    let end = at;
    for (;;) {
      const word = words[end] ?? '';
      const repeat = language.repeats.get(word);
      const digit = language.digits.get(repeat === undefined ? word : (words[end + 1] ?? ''));
      if (digit === undefined) break;
      digits += `${digit}`.repeat(repeat ?? 1);
      end += repeat === undefined ? 1 : 2;
    }
    if (digits.length < FEWEST_DIGITS) return undefined;
    // Somebody counts, or tries the microphone.
    if ('0123456789'.includes(digits) || '9876543210'.includes(digits)) return { end };
    // The last of them may begin another number: "one two three forty".
    const last = language.number(words, end - 1);
    return last !== undefined && last.end > end ? { end: last.end } : { end, text: digits };
  }

  /** Both numbers of a range are written alike: "five to 10" is not. */
  function range(phrase: Phrase, at: number): RuleResult | undefined {
    const { words } = phrase;
    const first = amountAt(phrase, at);
    if (first === undefined || first.inDigits || !ranges.has(words[first.end] ?? '')) return undefined;
    if (first.value >= language.smallestWritten || first.value === 0 || first.text.includes(decimal.sign))
      return undefined;
    const second = amountAt(phrase, first.end + 1);
    if (second === undefined || second.inDigits) return undefined;
    const currency = currencies.find(({ names }) => nameAt(words, second.end, names) !== undefined);
    if (currency !== undefined) {
      const [sign] = currency.write('');
      const isInFront = sign !== undefined && currency.write('1').startsWith(sign) && sign !== ' ';
      return { end: first.end, text: isInFront ? currency.write(first.text) : first.text };
    }
    const names = [...percent.names, ...units.map(([name]) => name)];
    if (nameAt(words, second.end, names) !== undefined) return { end: first.end, text: first.text };
    if (second.value < language.smallestWritten || first.value === 1) return undefined;
    const end = endOfNumbers(phrase, second.end);
    if (end > second.end || keeps(phrase, at, end)) return { end };
    return { end: first.end, text: first.text };
  }

  function plain(phrase: Phrase, at: number): RuleResult | undefined {
    const amount = amountAt(phrase, at);
    if (amount === undefined) return undefined;
    if (amount.inDigits) return { end: amount.end };
    // Two numbers side by side may mean anything: "twenty four seven", "nine eleven".
    const end = endOfNumbers(phrase, amount.end);
    const isIdiom = amount.end === at + 1 && language.idioms?.has(phrase.words[at] ?? '');
    if (end > amount.end || isIdiom || keeps(phrase, at, end)) return { end };
    if (amount.value < language.smallestWritten && !amount.text.includes(decimal.sign))
      return scales.has(phrase.words[amount.end - 1] ?? '') && amount.end - at > 1
        ? { end, text: amount.text }
        : { end };
    return { end, text: amount.text };
  }

  /** Behind all numbers that follow each other from here on. */
  function endOfNumbers({ words, shown }: Phrase, from: number): number {
    for (let end = from; ; ) {
      const isDigits = writtenNumber.test(shown[end] ?? '');
      const next = language.weak?.has(words[end] ?? '') ? undefined : language.number(words, end);
      if (next === undefined && !isDigits) return end;
      end = next?.end ?? end + 1;
    }
  }

  function keeps({ words, shown, beginsSentence }: Phrase, at: number, end: number): boolean {
    if (language.keepAfter.has(words[at - 1] ?? '')) return true;
    if (nameAt(words, end, language.keepBefore) !== undefined) return true;
    // A name, as in "Ten Downing Street".
    return /^\p{Lu}/u.test(shown[at] ?? '') && !(at === 0 && beginsSentence);
  }

  return [...language.rules, range, measured, digitRun, plain];
}
