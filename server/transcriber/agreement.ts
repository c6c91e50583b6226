/**
 * LocalAgreement-2 (Macháček et al., "Turning Whisper into Real-Time Transcription System", 2023): the words on which
 * two hypotheses in a row agree, from the start, are stable and never taken back. Punctuation after the last stable
 * word stays open, since a hypothesis ends with a full stop wherever the audio ends.
 */
export interface Agreement {
  /** Takes the next hypothesis of the open segment; returns what to show. `text` begins with `stable`. */
  add(text: string): { text: string; stable: string };
}

const normal = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');
const bare = (word: string) => word.replace(/[.,;:!?…]+$/u, '');

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
        normal(words[agreed]!) === normal(before[agreed]!)
      )
        agreed++;
      if (agreed > stable.length) {
        const last = stable.length - 1;
        const settled = words.slice(Math.max(0, last), agreed);
        // The last stable word gets its punctuation now that words follow it; its letters stay.
        if (last >= 0)
          settled[0] = stable[last]! + (settled[0] as string).slice(bare(settled[0] as string).length);
        stable = [...stable.slice(0, Math.max(0, last)), ...settled];
        stable[stable.length - 1] = bare(stable.at(-1) as string);
      }
      before = words;
      const tail = words.slice(stable.length);
      const ending =
        tail.length > 0 || words.length === stable.length ? punctuation(words[stable.length - 1]) : '';
      const shown = stable.join(' ') + ending;
      return { text: [shown, ...tail].filter(Boolean).join(' '), stable: stable.join(' ') };
    },
  };
}

const punctuation = (word: string | undefined) => (word === undefined ? '' : word.slice(bare(word).length));
