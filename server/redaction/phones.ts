/** National lengths of numbers by calling code, without the code and the trunk prefix (ITU-T E.164, national plans). */
const plans: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '1': [10, 10],
  '7': [10, 10],
  '20': [8, 10],
  '27': [9, 9],
  '30': [10, 10],
  '31': [9, 9],
  '32': [8, 9],
  '33': [9, 9],
  '34': [9, 9],
  '36': [8, 9],
  '39': [8, 11],
  '40': [9, 9],
  '41': [9, 9],
  '43': [6, 12],
  '44': [9, 10],
  '45': [8, 8],
  '46': [7, 10],
  '47': [8, 8],
  '48': [9, 9],
  '49': [6, 12],
  '52': [10, 10],
  '54': [10, 11],
  '55': [10, 11],
  '56': [9, 9],
  '57': [10, 10],
  '60': [8, 10],
  '61': [9, 9],
  '62': [8, 12],
  '63': [8, 10],
  '64': [8, 10],
  '65': [8, 8],
  '66': [8, 9],
  '81': [9, 10],
  '82': [8, 10],
  '84': [9, 10],
  '86': [9, 11],
  '90': [10, 10],
  '91': [10, 10],
  '351': [9, 9],
  '352': [6, 11],
  '353': [7, 10],
  '358': [6, 11],
  '380': [9, 9],
  '420': [9, 9],
  '852': [8, 8],
  '886': [8, 9],
  '971': [8, 9],
  '972': [8, 9],
};

/** "+44 7700 900123" as `447700900123`. */
export function isInternational(digits: string): boolean {
  for (const length of [1, 2, 3]) {
    const plan = plans[digits.slice(0, length)];
    const national = digits.slice(length).replace(/^0(?=[1-9])/, '');
    const [least, most] = plan ?? [1, 0];
    if (national.length >= least && national.length <= most) return true;
    if (digits.slice(length).length >= least && digits.slice(length).length <= most) return true;
  }
  return false;
}

/** How sure a number is that of a telephone from its digits alone. */
export type Likeness = 'phone' | 'grouped' | 'named' | 'none';

/**
 * `phone`: nothing else looks so. `grouped`: where it is written in groups, or read out digit by digit. `named`: only
 * where somebody speaks of a telephone.
 */
export function nationalLikeness(digits: string): Likeness {
  // A trunk prefix: most countries.
  if (/^0[1-9]\d{8,9}$/.test(digits)) return 'phone';
  if (/^0[1-9]\d{7}$|^0[1-9]\d{10}$/.test(digits)) return 'grouped';
  if (/^0[1-9]\d{6,11}$/.test(digits)) return 'named';
  // North America.
  if (/^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits)) return 'grouped';
  // Brazil with its area, Spain and Portugal.
  if (/^[1-9][1-9]9\d{8}$/.test(digits)) return 'grouped';
  if (/^[6-9]\d{8}$|^2\d{8}$/.test(digits)) return 'grouped';
  if (/^\d{7,11}$/.test(digits)) return 'named';
  return 'none';
}
