import type { RedactionKind } from '@speakr/contracts/policies';
import type { SpokenLanguage } from '../written/language.ts';
import { spokenLanguages } from '../written/languages/languages.ts';
import type { Token } from '../written/phrase.ts';
import { addressAt } from './addresses.ts';
import {
  ibanLength,
  isBrazilianTaxpayer,
  isCard,
  isCitizenIdentity,
  isFrenchSocialSecurity,
  isGermanTaxId,
  isIban,
  isNationalInsurance,
  isSocialSecurity,
  isSpanishIdentity,
} from './checksums.ts';
import { emailAt } from './emails.ts';
import { namesAt } from './names.ts';
import { isInternational, nationalLikeness } from './phones.ts';
import { type Characters, charactersAt, digitsAt } from './read-characters.ts';

/** Tokens that say something personal. */
export interface PersonalSpan {
  readonly kind: RedactionKind;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Nothing that is looked for has more parts. */
const MOST_PARTS = 40;
/** Words in front of a number that say what it is. */
const CONTEXT_WORDS = 6;
const phoneWords =
  /^(?:phone|telephone|tel|cell|cellphone|mobile|call|dial|text|fax|ring|reach|hotline|whatsapp|telefon|telefonnummer|handy|handynummer|anrufen|rufnummer|ruf|rufen|wählen|erreichen|téléphone|portable|mobile|appelez|appeler|joindre|teléfono|móvil|celular|llama|llámame|llamar|telefone|telemóvel|ligue|ligar|điện|thoại|gọi|sđt)$/u;
const otherNumbers =
  /^(?:order|invoice|ticket|tracking|parcel|case|serial|reference|part|item|batch|protocol|isbn|bestellung|rechnung|commande|facture|pedido|factura|referencia|protocolo|đơn)$/u;
const socialWords = /^(?:social|ssn)$/u;
const citizenWords = /^(?:cước|cccd|cmnd|identity|citizen)$/u;
const fillers = new Set(['uh', 'um', 'er', 'äh', 'ähm', 'euh', 'eh', 'ờ', 'ừm', '-', '–', 'dash', 'hyphen']);

interface Reading {
  readonly words: readonly string[];
  readonly shown: readonly string[];
  readonly tokens: readonly Token[];
  readonly language: SpokenLanguage | undefined;
  readonly code: string;
}

/**
 * What is personal in a text, by its form and its check digits, written or spoken. What only looks like it (orders,
 * dates, versions, prices, numbers with a wrong check digit) is left out.
 * @param language ISO 639-1, for numbers that are spoken
 */
export function findPersonal(
  tokens: readonly Token[],
  language: string,
  kinds: ReadonlySet<RedactionKind>,
): PersonalSpan[] {
  const shown = tokens.map(({ core }) => core);
  const reading: Reading = {
    tokens,
    shown,
    words: shown.map((word) => word.normalize('NFC').toLowerCase()),
    language: spokenLanguages.find(({ code }) => code === language),
    code: language,
  };
  const spans: PersonalSpan[] = [];
  for (let at = 0; at < tokens.length; ) {
    const span = spanAt(reading, at, kinds);
    if (span !== undefined) spans.push(span);
    at = span?.to ?? at + 1;
  }
  return spans;
}

function spanAt(reading: Reading, at: number, kinds: ReadonlySet<RedactionKind>): PersonalSpan | undefined {
  const { words, shown, language } = reading;
  const spanned = (kind: RedactionKind, to: number | undefined) =>
    to !== undefined && kinds.has(kind) ? { kind, from: at, to } : undefined;
  const parts = partsAt(reading, at);
  return (
    spanned('email', emailAt(words, at)) ??
    spanned('ip', addressAt(words, at, language)) ??
    spanned('iban', lettersAt(reading, at, isIban)) ??
    spanned(
      'card',
      longest(parts, isCard) ??
        misheardCard(reading, at) ??
        namedCard(reading, at, parts) ??
        continuedCard(reading, at),
    ) ??
    spanned('id', identityAt(reading, at, parts)) ??
    spanned('phone', phoneAt(reading, at, parts)) ??
    spanned('name', namesAt(words, shown, at))
  );
}

/** Digits from a token on: after each part, what has been said so far. */
function partsAt({ words, language }: Reading, at: number): Characters[] {
  const parts: Characters[] = [];
  let text = '';
  let spoken = false;
  for (let next = at; parts.length < MOST_PARTS; ) {
    // "Um" is a one in Portuguese.
    const isFiller = () => fillers.has(words[next] ?? '') && digitsAt(words, next, language) === undefined;
    while (parts.length > 0 && isFiller()) next++;
    const part = digitsAt(words, next, language);
    if (part === undefined || (parts.length > 0 && part.text.startsWith('+'))) break;
    text += part.text;
    spoken ||= part.spoken;
    next = part.end;
    parts.push({ text, end: next, spoken });
  }
  return parts;
}

/** What recognizers write for a digit among others. Only a check digit can tell that it was one. */
const soundAlikes = new Map([
  ['won', 'one'],
  ['to', 'two'],
  ['too', 'two'],
  ['for', 'four'],
  ['fore', 'four'],
  ['ate', 'eight'],
]);

/** "My card number is for 111, 1111, 1111, 1111" */
function misheardCard(reading: Reading, at: number): number | undefined {
  const { words, code } = reading;
  if (code !== 'en') return undefined;
  const nearby = words.slice(at, at + MOST_PARTS);
  if (!nearby.some((word) => soundAlikes.has(word)) || !startsNumber(reading, at)) return undefined;
  const corrected = words.map((word, index) =>
    index >= at && index < at + MOST_PARTS ? (soundAlikes.get(word) ?? word) : word,
  );
  return longest(partsAt({ ...reading, words: corrected }, at), isCard);
}

const cardWords =
  /^(?:card|visa|mastercard|amex|maestro|karte|kreditkarte|kartennummer|kreditkartennummer|carte|tarjeta|cartão|thẻ)$/u;
const FEWEST_CARD_DIGITS = 10;

/** A number that somebody calls a card is one, though a digit was misheard or its end is missing. */
function namedCard(reading: Reading, at: number, parts: readonly Characters[]): number | undefined {
  const whole = parts.at(-1);
  if (whole === undefined || digitsAt(reading.words, at - 1, reading.language) !== undefined)
    return undefined;
  const isLong = whole.text.length >= FEWEST_CARD_DIGITS && whole.text.length <= 19;
  return isLong && /^[2-6]/.test(whole.text) && before(reading, at, cardWords) ? whole.end : undefined;
}

/** The end of a number whose beginning was taken for a card before its end was heard. */
function continuedCard(reading: Reading, at: number): number | undefined {
  const { before: opens, core, after } = reading.tokens[at] as Token;
  if (core !== 'card' || !opens.endsWith('[') || !after.startsWith(']')) return undefined;
  const rest = partsAt(reading, at + 1).findLast(({ text }) => /^\d{3,9}$/.test(text));
  return rest?.end;
}

const startsNumber = ({ words, language }: Reading, at: number) =>
  digitsAt(words, at, language) !== undefined ||
  (soundAlikes.has(words[at] ?? '') && digitsAt(words, at + 1, language) !== undefined);

/** @returns the token behind the longest number that passes */
const longest = (parts: readonly Characters[], passes: (text: string) => boolean): number | undefined =>
  parts.findLast(({ text }) => passes(text))?.end;

/** The same of letters and digits. */
function lettersAt(
  { words, shown, language }: Reading,
  at: number,
  passes: (text: string) => boolean,
): number | undefined {
  let text = '';
  let found: number | undefined;
  for (let next = at, parts = 0; parts < MOST_PARTS; parts++) {
    const part = charactersAt(words, shown, next, language);
    if (part === undefined) break;
    text += part.text;
    next = part.end;
    if (passes(text)) found = next;
    if (text.length > (ibanLength(text.slice(0, 2)) ?? 15)) break;
  }
  return found;
}

function identityAt(reading: Reading, at: number, parts: readonly Characters[]): number | undefined {
  const { code } = reading;
  const isSocial = before(reading, at, socialWords);
  const isCitizen = before(reading, at, citizenWords);
  return (
    longest(parts, (digits) => isFrenchSocialSecurity(digits)) ??
    longest(parts, (digits) => (code === 'vi' || isCitizen) && isCitizenIdentity(digits)) ??
    longest(parts, (digits) => isBrazilianTaxpayer(digits) || isGermanTaxId(digits)) ??
    longest(parts, (digits) => isSocial && isSocialSecurity(digits)) ??
    dashedSocialSecurity(reading, at) ??
    lettersAt(reading, at, (text) => isNationalInsurance(text) || isSpanishIdentity(text))
  );
}

function dashedSocialSecurity({ shown, words }: Reading, at: number): number | undefined {
  const [, area, group, serial] = /^(\d{3})-(\d{2})-(\d{4})$/.exec(shown[at] ?? '') ?? [];
  if (area === undefined || words.slice(Math.max(0, at - 3), at).some((word) => otherNumbers.test(word)))
    return undefined;
  return isSocialSecurity(`${area}${group}${serial}`) ? at + 1 : undefined;
}

function phoneAt(reading: Reading, at: number, parts: readonly Characters[]): number | undefined {
  if (parts.length === 0) return undefined;
  // The end of a longer number is none.
  if (digitsAt(reading.words, at - 1, reading.language) !== undefined && !endsPart(reading, at - 1))
    return undefined;
  // Nor is a part of a code with letters in it.
  if (/^(?:[A-Z]{2}\d+|[A-Z]{4})$/.test(reading.shown[at - 1] ?? '')) return undefined;
  const whole = parts.findLast(({ end }, index) => index === parts.length - 1 || endsPart(reading, end - 1));
  for (const part of parts.toReversed()) {
    if (part !== whole && !endsPart(reading, part.end - 1)) continue;
    if (isPhone(reading, at, part)) return part.end;
  }
  return undefined;
}

const endsPart = ({ tokens }: Reading, at: number) => (tokens[at]?.after ?? '') !== '';

function isPhone(reading: Reading, at: number, { text, end, spoken }: Characters): boolean {
  const digits = text.replace('+', '');
  if (text.startsWith('+')) return isInternational(digits);
  if (/^00[1-9]/.test(digits)) return isInternational(digits.slice(2));
  const isNamed = before(reading, at, phoneWords);
  if (!isNamed && before(reading, at, otherNumbers)) return false;
  const shape = reading.shown.slice(at, end).join(' ');
  const groups = shape.split(/[\s().-]+/).filter(Boolean);
  const isGrouped = !/[,:]/.test(shape) && groups.length > 1 && groups.every((group) => group.length <= 5);
  switch (nationalLikeness(digits)) {
    case 'phone':
      return true;
    case 'grouped':
      return isNamed || spoken || (isGrouped && isUsualGrouping(groups, digits));
    case 'named':
      return isNamed && (spoken || /^\d{3}[- ]\d{4}$/.test(shape) || digits.length >= 9);
    default:
      return false;
  }
}

/** "415 555 2671", "612 34 56 78", "11 91234 5678": no thousands of a great number, no list of small ones. */
function isUsualGrouping(groups: readonly string[], digits: string): boolean {
  const lengths = groups.map((group) => group.length).join('');
  if (digits.length === 9) return ['333', '3222', '36'].includes(lengths);
  if (digits.length === 10) return ['334', '37', '55'].includes(lengths);
  return ['254', '2144', '1334', '137'].includes(lengths);
}

function before({ words }: Reading, at: number, pattern: RegExp): boolean {
  return words.slice(Math.max(0, at - CONTEXT_WORDS), at).some((word) => pattern.test(word));
}
