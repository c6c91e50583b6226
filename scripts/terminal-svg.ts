/** Draws what a terminal shows, as `tmux capture-pane -e -p` prints it, as an SVG picture. */

interface Style {
  bold: boolean;
  dim: boolean;
  inverse: boolean;
  underline: boolean;
  /** `undefined` is the terminal's own. */
  foreground: string | undefined;
  background: string | undefined;
}

const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 18;
const PADDING = 14;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d8dbe2';
// The eight colours of terminals and their bright forms, toned to be read on the background.
const PALETTE = [
  ...['#3b4048', '#e06c75', '#8cc265', '#d19a66', '#61afef', '#c678dd', '#4fb8c4', '#d8dbe2'],
  ...['#7f848e', '#ff7b86', '#a5e075', '#f0c27a', '#7cc3ff', '#de9bf2', '#6fd6e0', '#ffffff'],
];

const plain = (): Style => ({
  bold: false,
  dim: false,
  inverse: false,
  underline: false,
  foreground: undefined,
  background: undefined,
});

/** One of the 256 colours: palette, then a 6 × 6 × 6 cube, then greys (xterm's table). */
function indexed(index: number): string {
  if (index < 16) return PALETTE[index] ?? FOREGROUND;
  if (index >= 232) return hex([0, 1, 2].map(() => 8 + (index - 232) * 10));
  const cube = index - 16;
  return hex(
    [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) =>
      step === 0 ? 0 : 55 + step * 40,
    ),
  );
}

const hex = (channels: readonly number[]) =>
  `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

/** Applies the numbers of an SGR sequence (ECMA-48). */
function apply(style: Style, numbers: readonly number[]): Style {
  const next = { ...style };
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    if (number === 0) Object.assign(next, plain());
    else if (number === 1) next.bold = true;
    else if (number === 2) next.dim = true;
    else if (number === 4) next.underline = true;
    else if (number === 7) next.inverse = true;
    else if (number === 22) next.bold = next.dim = false;
    else if (number === 24) next.underline = false;
    else if (number === 27) next.inverse = false;
    else if (number === 39) next.foreground = undefined;
    else if (number === 49) next.background = undefined;
    else if (number === 38 || number === 48) {
      const colour =
        numbers[at + 1] === 5
          ? indexed(numbers[at + 2] ?? 0)
          : hex([numbers[at + 2] ?? 0, numbers[at + 3] ?? 0, numbers[at + 4] ?? 0]);
      next[number === 38 ? 'foreground' : 'background'] = colour;
      at += numbers[at + 1] === 5 ? 2 : 4;
    } else if (number >= 30 && number <= 37) next.foreground = PALETTE[number - 30];
    else if (number >= 40 && number <= 47) next.background = PALETTE[number - 40];
    else if (number >= 90 && number <= 97) next.foreground = PALETTE[number - 82];
    else if (number >= 100 && number <= 107) next.background = PALETTE[number - 92];
  }
  return next;
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function drawRun(text: string, style: Style, column: number, row: number): string {
  const x = (PADDING + column * CHARACTER_WIDTH).toFixed(1);
  const y = PADDING + row * LINE_HEIGHT;
  const [front, back] = style.inverse
    ? [style.background ?? BACKGROUND, style.foreground ?? FOREGROUND]
    : [style.foreground ?? FOREGROUND, style.background];
  const width = (text.length * CHARACTER_WIDTH).toFixed(1);
  const box =
    back === undefined
      ? ''
      : `<rect x="${x}" y="${y}" width="${width}" height="${LINE_HEIGHT}" fill="${back}"/>`;
  if (text.trim() === '') return box;
  const attributes = [
    `fill="${front}"`,
    style.bold ? 'font-weight="bold"' : '',
    style.dim ? 'opacity="0.6"' : '',
    style.underline ? 'text-decoration="underline"' : '',
  ].filter((attribute) => attribute !== '');
  // The length keeps columns in line whatever font the viewer has.
  // Browsers no longer keep common spaces, which would then be missing in that length.
  const kept = escapeXml(text).replaceAll(' ', '\u00a0');
  return `${box}<text x="${x}" y="${y + 13}" textLength="${width}" ${attributes.join(' ')}>${kept}</text>`;
}

/**
 * @param screen lines with SGR sequences
 * @param columns width of the terminal
 * @param title for those who cannot see the picture
 */
export function terminalSvg(screen: string, columns: number, title: string): string {
  const lines = screen.trimEnd().split('\n');
  const drawn: string[] = [];
  let style = plain();
  lines.forEach((line, row) => {
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
    for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      const sequence = /^\x1b\[([0-9;]*)m$/.exec(part);
      if (sequence !== null) style = apply(style, (sequence[1] ?? '').split(';').map(Number));
      else if (part !== '') {
        drawn.push(drawRun(part, style, column, row));
        column += part.length;
      }
    }
  });
  const width = Math.ceil(2 * PADDING + columns * CHARACTER_WIDTH);
  const height = 2 * PADDING + lines.length * LINE_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    ...drawn.filter((element) => element !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
