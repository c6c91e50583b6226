import { counted, groupDigits, type NumberReading, type Rule, type SpokenLanguage } from '../language.ts';
import { canonicalTones } from '../vietnamese-tones.ts';

const digits = counted('không một hai ba bốn năm sáu bảy tám chín');
digits.set('bẩy', 7);
/** Behind "mươi" and "mười". Five is never "năm" there: that is a year. */
const behindTen = new Map([...digits, ['mốt', 1], ['tư', 4], ['lăm', 5], ['nhăm', 5]]);
behindTen.delete('không');
behindTen.delete('năm');
/** Make a number of two digits with nothing between: "hai lăm", "ba mốt". */
const short = new Map([
  ['mốt', 1],
  ['lăm', 5],
  ['nhăm', 5],
]);
const scales = new Map([
  ['nghìn', 1e3],
  ['ngàn', 1e3],
  ['triệu', 1e6],
  ['tỷ', 1e9],
  ['tỉ', 1e9],
]);
const named = new Map([...scales].filter(([, value]) => value > 1000));
const thousands = { sign: '.', fromDigits: 4 };

function below100(words: readonly string[], at: number): NumberReading | undefined {
  const word = words[at] ?? '';
  if (word === 'mười') {
    const unit = behindTen.get(words[at + 1] ?? '');
    const isUnit = unit !== undefined && words[at + 1] !== 'mốt';
    return isUnit ? { value: 10 + unit, end: at + 2 } : { value: 10, end: at + 1 };
  }
  const digit = digits.get(word);
  if (digit === undefined) return undefined;
  if (digit > 1 && words[at + 1] === 'mươi') {
    const unit = behindTen.get(words[at + 2] ?? '');
    return unit === undefined
      ? { value: digit * 10, end: at + 2 }
      : { value: digit * 10 + unit, end: at + 3 };
  }
  const unit = short.get(words[at + 1] ?? '');
  return digit > 1 && unit !== undefined
    ? { value: digit * 10 + unit, end: at + 2 }
    : { value: digit, end: at + 1 };
}

/** @param isFirst whether nothing came before it: then there is no "không trăm" */
function below1000(words: readonly string[], at: number, isFirst = true): NumberReading | undefined {
  const digit = digits.get(words[at] ?? '');
  if (digit === undefined || words[at + 1] !== 'trăm' || (digit === 0 && isFirst)) return below100(words, at);
  const value = digit * 100;
  const end = at + 2;
  const small = smallAt(words, end);
  if (small !== undefined) return { value: value + small.value, end: small.end };
  if (words[end] === 'rưỡi') return { value: value + 50, end: end + 1 };
  const rest = below100(words, end);
  // "Một trăm năm" is a hundred years.
  return rest === undefined || rest.value < 10
    ? { value, end }
    : { value: value + rest.value, end: rest.end };
}

/** "linh năm", "lẻ tư" */
function smallAt(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] !== 'linh' && words[at] !== 'lẻ') return undefined;
  const word = words[at + 1] ?? '';
  const digit = word === 'tư' ? 4 : digits.get(word);
  return digit ? { value: digit, end: at + 2 } : undefined;
}

function number(words: readonly string[], start: number): NumberReading | undefined {
  let total = 0;
  let end: number | undefined;
  let limit = Number.POSITIVE_INFINITY;
  for (let at = start; ; ) {
    const group = smallAt(words, end === undefined ? -1 : at) ?? below1000(words, at, end === undefined);
    if (group === undefined) break;
    const scale = scales.get(words[group.end] ?? '');
    if (scale !== undefined && scale < limit && group.value > 0) {
      total += group.value * scale;
      end = group.end + 1;
      limit = scale;
      if (words[end] === 'rưỡi') return { value: total + scale / 2, end: end + 1 };
      at = end;
      continue;
    }
    // A single digit behind a scale may be another word ("hai nghìn năm"), or a part of ten ("hai triệu ba").
    const isWhole = end === undefined || group.end - at > 1 || words[at] === 'mười';
    if (isWhole) {
      total += group.value;
      end = group.end;
    }
    break;
  }
  return end === undefined ? undefined : { value: total, end };
}

const pairAt = (words: readonly string[], at: number): NumberReading | undefined => {
  const whole = below100(words, at);
  if (whole !== undefined && whole.value >= 10) return whole;
  const [first, second] = [digits.get(words[at] ?? ''), digits.get(words[at + 1] ?? '')];
  return first === undefined || second === undefined
    ? undefined
    : { value: first * 10 + second, end: at + 2 };
};

/** "năm hai nghìn không trăm hai mươi sáu", "năm một chín bảy lăm" */
const year: Rule = ({ words, shown }, at) => {
  if (words[at] !== 'năm') return undefined;
  const whole = number(words, at + 1);
  const name = shown[at] as string;
  if (whole !== undefined && whole.value >= 1000 && whole.value < 2200)
    return { end: whole.end, text: `${name} ${whole.value}` };
  const century = `${words[at + 1]} ${words[at + 2]}`;
  const start = century === 'một chín' ? 1900 : century === 'hai không' ? 2000 : undefined;
  const rest = start === undefined ? undefined : pairAt(words, at + 3);
  return start === undefined || rest === undefined
    ? undefined
    : { end: rest.end, text: `${name} ${start + rest.value}` };
};

/** "ngày mười lăm"; a single digit only where a month follows: "ngày một tốt hơn" is no date. */
const day: Rule = ({ words, shown }, at) => {
  const isFirstDays = words[at] === 'mùng' || words[at] === 'mồng';
  if (words[at] !== 'ngày' && !isFirstDays) return undefined;
  const found = below100(words, at + 1);
  if (found === undefined || found.value < 1 || found.value > 31) return undefined;
  if (found.value < 10 && !isFirstDays && words[found.end] !== 'tháng') return undefined;
  return { end: found.end, text: `${shown[at]} ${found.value}` };
};

const beforeMonth = new Set('trong vào từ đến tới cuối đầu giữa hết trước qua'.split(' '));
const afterYearWord = new Set('nay sau ngoái trước tới kia'.split(' '));

/** "tháng ba"; where it may be "three a month" it stays. */
const month: Rule = ({ words, shown }, at) => {
  if (words[at] !== 'tháng') return undefined;
  const found = words[at + 1] === 'tư' ? { value: 4, end: at + 2 } : below100(words, at + 1);
  if (found === undefined || found.value < 1 || found.value > 12) return undefined;
  // "Tháng năm sau": in May, or a month of next year.
  if (words[at + 1] === 'năm' && afterYearWord.has(words[at + 2] ?? '')) return { end: at + 3 };
  const isDate =
    beforeMonth.has(words[at - 1] ?? '') ||
    digits.has(words[at - 1] ?? '') ||
    behindTen.has(words[at - 1] ?? '') ||
    /^(?:mười|mươi|\d+)$/.test(words[at - 1] ?? '') ||
    words[found.end] === 'năm' ||
    // At the end "tháng năm" is "months and years" as well.
    (words[found.end] === undefined && words[at + 1] !== 'năm');
  const isCount = /^(?:lần|buổi|ngày|lượt|bữa|cuộc|nghìn|triệu)$/.test(words[found.end] ?? '');
  return isDate && !isCount ? { end: found.end, text: `${shown[at]} ${found.value}` } : undefined;
};

/** "ba giờ mười lăm", "ba giờ kém mười" */
const time: Rule = ({ words, shown }, at) => {
  const hour = below100(words, at);
  if (hour === undefined || hour.value > 24 || words[hour.end] !== 'giờ') return undefined;
  const text = `${hour.value} ${shown[hour.end]}`;
  const end = hour.end + 1;
  const isTo = words[end] === 'kém';
  const minute = below100(words, isTo ? end + 1 : end);
  if (minute === undefined || minute.value < 1 || minute.value > 59 || scales.has(words[minute.end] ?? ''))
    return { end, text };
  const isMinutes = words[minute.end] === 'phút';
  if (minute.value < 10 && !isMinutes && !isTo) return { end, text };
  return { end: minute.end, text: `${text}${isTo ? ' kém' : ''} ${minute.value}` };
};

export const vi: SpokenLanguage = {
  code: 'vi',
  number,
  isNumberWord: (word) => digits.has(word) || behindTen.has(word),
  digits,
  repeats: new Map(),
  decimal: { words: ['phẩy'], sign: ',' },
  thousands,
  scales: named,
  smallestWritten: 10,
  percent: { names: ['phần trăm'], sign: '%' },
  currencies: [
    { names: ['đồng'], write: (amount) => `${amount} đồng` },
    { names: ['đô la', 'đô la mỹ', 'đô'], write: (amount) => `${amount} đô la` },
    { names: ['ơ rô', 'euro'], write: (amount) => `${amount} euro` },
  ],
  units: [
    ['ki lô mét trên giờ', 'km/h'],
    ['ki lô mét một giờ', 'km/h'],
    ['ki lô oát giờ', 'kWh'],
    ['mét vuông', 'm²'],
    ['mét khối', 'm³'],
    ['độ xê', '°C'],
    ['độ c', '°C'],
    ['ki lô mét', 'km'],
    ['kilômét', 'km'],
    ['ki lô gam', 'kg'],
    ['kilôgam', 'kg'],
    ['xăng ti mét', 'cm'],
    ['mi li mét', 'mm'],
    ['mi li gam', 'mg'],
    ['mi li lít', 'ml'],
    ['mi li giây', 'ms'],
    ['mê ga bai', 'MB'],
    ['gi ga bai', 'GB'],
  ],
  ranges: new Set(['đến', 'tới', 'hoặc', 'hay']),
  keepBefore: ['mấy', 'mươi', 'chục', 'vạn'],
  keepAfter: new Set(),
  weak: new Set(['năm', 'không', 'ba']),
  rules: [year, day, month, time],
  tidy: canonicalTones,
  writeNumber({ shown, words }, at, { value, end }) {
    // "Hai triệu rưỡi"
    const scale = named.get(words[end - 2] ?? '');
    if (words[end - 1] !== 'rưỡi' || scale === undefined || end - at < 3) return undefined;
    return `${groupDigits(Math.floor(value / scale), thousands)},5 ${shown[end - 2]}`;
  },
};
