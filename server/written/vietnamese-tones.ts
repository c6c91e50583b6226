/** Vowels with a tone on the second letter of "oa", "oe", "uy" → the two letters with the tone on the first. */
const moved: ReadonlyMap<string, string> = new Map(
  [
    ['oà oá oả oã oạ', 'òa óa ỏa õa ọa'],
    ['oè oé oẻ oẽ oẹ', 'òe óe ỏe õe ọe'],
    ['uỳ uý uỷ uỹ uỵ', 'ùy úy ủy ũy ụy'],
  ].flatMap(([from = '', to = '']) => {
    const targets = to.split(' ');
    return from.split(' ').map((pair, index) => [pair, targets[index] as string] as const);
  }),
);
const pair = /(?<![qQ])(?:[oO][àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ]|[uU][ỳýỷỹỵỲÝỶỸỴ])(?!\p{L})/gu;

/**
 * Vietnamese in one spelling: composed characters (NFC), and the tone of open "oa", "oe", "uy" on the first vowel, as
 * most of what is printed has it ("hòa", "khỏe", "thủy"; the reform of the eighties writes "hoà", "khoẻ", "thuỷ").
 * "Quý" and closed syllables have one spelling only and stay.
 */
export function canonicalTones(text: string): string {
  return text.normalize('NFC').replace(pair, (found) => {
    const lower = found.toLowerCase();
    const target = moved.get(lower) ?? lower;
    return [...found]
      .map((letter, index) => (letter === lower[index] ? target[index] : target[index]?.toUpperCase()))
      .join('');
  });
}
