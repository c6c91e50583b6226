/** Check digits and number plans of what is redacted. All take bare digits, or capitals and digits. */

/** Luhn, ISO/IEC 7812-1 annex B. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits.at(-1 - place));
    const doubled = place % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Prefixes and lengths that payment cards have. */
const cardPlans: readonly [prefix: RegExp, lengths: readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720))/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65|62)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8]\d)/, [16]],
  [/^(?:36|38|30[0-5])/, [14]],
  [/^(?:50|5[6-8]|6[37])/, [16]],
];

export function isCard(digits: string): boolean {
  if (/^(\d)\1*$/.test(digits)) return false;
  const plan = cardPlans.find(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
  return plan !== undefined && luhn(digits);
}

/** Length of an IBAN by country, SWIFT's IBAN registry. */
const ibanLengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
};

/** How long the IBAN of a country is; undefined when it has none. */
export const ibanLength = (country: string): number | undefined => ibanLengths[country];

/** ISO 13616: the remainder modulo 97, with the first four characters moved to the end, is 1. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(text) || ibanLengths[text.slice(0, 2)] !== text.length) return false;
  let remainder = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** US social security number: which areas, groups and serials are given out. */
export const isSocialSecurity = (digits: string): boolean =>
  /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);

/** Vietnamese citizen identity (CCCD): province, century and sex, year of birth, serial. It has no check digit. */
export const isCitizenIdentity = (digits: string): boolean =>
  /^0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}$/.test(digits);

/** German tax id: ISO 7064 MOD 11,10; exactly one of its first ten digits comes twice or three times. */
export function isGermanTaxId(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  if (repeated.length !== 1 || (repeated[0] as number) > 3) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

/** French social security number (NIR): sex, year and month of birth, place, and 97 less the remainder. */
export function isFrenchSocialSecurity(text: string): boolean {
  if (!/^[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{8}$/.test(text)) return false;
  const number = text.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - (Number(number) % 97) === Number(text.slice(13));
}

/** UK national insurance number. */
export const isNationalInsurance = (text: string): boolean =>
  /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(text);

const SPANISH_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spanish DNI and NIE: the letter is that of the number modulo 23. */
export function isSpanishIdentity(text: string): boolean {
  const [, first, digits, letter] = /^([XYZ]?)(\d{7,8})([A-Z])$/.exec(text) ?? [];
  if (digits === undefined || (first === '' ? digits.length !== 8 : digits.length !== 7)) return false;
  const number = Number(`${first === '' ? '' : 'XYZ'.indexOf(first as string)}${digits}`);
  return SPANISH_LETTERS[number % 23] === letter;
}

/** Brazilian CPF: two check digits modulo 11. */
export function isBrazilianTaxpayer(digits: string): boolean {
  if (!/^\d{11}$/.test(digits) || /^(\d)\1*$/.test(digits)) return false;
  const check = (length: number) => {
    let sum = 0;
    for (let place = 0; place < length; place++) sum += Number(digits[place]) * (length + 1 - place);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}
