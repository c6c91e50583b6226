let segmenter: Intl.Segmenter | undefined;
/** Made when the first text needs it: commands that print ASCII start without. */
const graphemesOf = (text: string) => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
};

/** Scripts whose characters take two columns, and pictures. https://www.unicode.org/reports/tr11/ */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}])/u;
/** Accents by themselves, joiners and the like take none. */
const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const ascii = /^[\x20-\x7e]*$/;

const widthOf = (grapheme: string) => (zero.test(grapheme) ? 0 : wide.test(grapheme) ? 2 : 1);

/** Columns a text takes on a terminal; it holds no control characters. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += widthOf(segment);
  return width;
}

/** The beginning of a text that fits into so many columns. */
export function fitText(text: string, columns: number): string {
  if (ascii.test(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  let end = 0;
  for (const { segment, index } of graphemesOf(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** The same, with an ellipsis where something was left out. */
export const clipText = (text: string, columns: number): string =>
  textWidth(text) <= columns ? text : `${fitText(text, columns - 1)}…`;

/** What a terminal must not get to see from outside: control characters become spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must go
export const harmless = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
