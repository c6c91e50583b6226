import type { SpokenLanguage } from '../language.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { pt } from './pt.ts';
import { vi } from './vi.ts';

/** Languages whose numbers are known. Add yours as a file beside this one and here. */
export const spokenLanguages: readonly SpokenLanguage[] = [en, de, fr, es, pt, vi];
