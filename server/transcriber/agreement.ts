/**
 * LocalAgreement-2 (Macháček et al., "Turning Whisper into Real-Time Transcription System", 2023): the words on which
 * two hypotheses in a row agree, from the start, are stable and never taken back.
 */
export interface Agreement {
  /** Takes the next hypothesis of the open segment; returns what to show. */
  add(text: string): { text: string; stable: string };
}

const same = (a: string, b: string) => normal(a) === normal(b);
const normal = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');

export function createAgreement(): Agreement {
  let stable: string[] = [];
  let before: string[] = [];
  return {
    add(text) {
      const words = text.split(/\s+/).filter(Boolean);
      let agreed = 0;
      while (
        agreed < words.length &&
        agreed < before.length &&
        same(words[agreed] ?? '', before[agreed] ?? '')
      )
        agreed++;
      if (agreed > stable.length) stable = [...stable, ...words.slice(stable.length, agreed)];
      before = words;
      const shown = [...stable, ...words.slice(stable.length)];
      return { text: shown.join(' '), stable: stable.join(' ') };
    },
  };
}
