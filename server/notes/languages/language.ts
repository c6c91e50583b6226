import type { ParsedResult } from 'chrono-node';
import type { SectionRule } from '../template.ts';

export type Headings = Readonly<Record<SectionRule, string>>;

/**
 * A way to say that something is to be done. `pattern` is the source of a regular expression that is tried at the
 * start of a clause; what follows the match is the task, up to the next match. `{who}` stands for one or more people
 * or teams of this recording, `{name}` for one of them.
 */
export interface TaskPattern {
  readonly pattern: string;
  /**
   * Whose task it is: the `{who}` of the pattern, who speaks, the side that speaks ("we" of a call), who is spoken to,
   * he or she, somebody who is wanted for it, or nobody in particular.
   */
  readonly who: 'named' | 'speaker' | 'party' | 'addressee' | 'mentioned' | 'somebody' | 'nobody';
  /**
   * `promise`: stands unless taken back. `request`: stands when it goes to a name or has a date, else when accepted.
   * `need`: stands for tasks ("we need to send"), not for states. `offer`: stands when accepted or when it answers a
   * request. `charge`: names the thing instead of the doing ("Tom owns the budget"). `progress`: stands with a date to
   * come. `recap`: counts only while somebody sums up.
   */
  readonly kind: 'promise' | 'request' | 'need' | 'offer' | 'charge' | 'progress' | 'recap';
}

/** What the extractive writer knows of one language. All expressions are case-insensitive and see cleaned text. */
export interface NotesLanguage {
  readonly code: string;
  /** BCP 47 tag for dates and numbers. */
  readonly locale: string;
  readonly headings: Headings;
  readonly phrases: {
    /** Stands where nobody was named; translated in Markdown only, the contract says "unknown". */
    readonly unknown: string;
    readonly nothing: string;
    readonly noSpeech: string;
    readonly and: string;
    readonly recordingOf: string;
    readonly due: string;
    readonly marked: string;
    readonly languageModelFailed: string;
    readonly droppedLines: (count: number) => string;
    readonly templateFailed: string;
  };
  /** Dates in `text`, counted from `reference`, in its future where that is open. */
  parseDates(text: string, reference: Date): ParsedResult[];
  /** Deadlines that are no dates: "before the demo". */
  readonly deadlines: RegExp;
  /** Words that lead into a deadline and belong to it: by, before, until. Anchored at the end. */
  readonly deadlineLead: RegExp;
  /** Ends of a week, month, quarter or year; group 1 names which. */
  readonly endOf: RegExp;
  readonly stopWords: ReadonlySet<string>;
  /** What recognizers write in another spelling, with the usual one. */
  readonly spellings: readonly (readonly [RegExp, string])[];
  /** Words with which, capitalised in the middle of a sentence, a new one begins that lost its full stop. */
  readonly sentenceStarts: RegExp;
  /** Noises and empty words, cut out everywhere. */
  readonly fillers: RegExp;
  /** Empty beginnings of a sentence: "okay, so". Anchored. */
  readonly openers: RegExp;
  /** Where a long run without punctuation is cut. */
  readonly runBreaks: RegExp;
  /** Teams that can own a task, as a regular expression source. */
  readonly teams: string;
  /** Teams that are told from words by their capitals only. */
  readonly acronymTeams: readonly string[];
  /** Forms of address before a name, which do not belong to it, as an expression source; empty where there are none. */
  readonly forms: string;
  /** Contexts in which a capitalised word (`{word}`) is a person. */
  readonly personContexts: readonly string[];
  /** Capitalised words that never are people: days, months. */
  readonly notPeople: ReadonlySet<string>;

  readonly tasks: readonly TaskPattern[];
  /** Source of what a clause inside a sentence may begin after: a comma, "and", "I think that". */
  readonly clauseStart: string;
  /** What joins a clause to the next one. Anchored at the end. */
  readonly clauseJoint: RegExp;
  /** Beginnings of a "task" that is none: "be", "see", "think". Anchored. */
  readonly notTasks: RegExp;
  /** Beginnings of what "we" decide rather than do: "go with", "keep". Anchored. */
  readonly decisionVerbs: RegExp;
  /** Tasks only with a date: "have the numbers". Anchored. */
  readonly haveReady: RegExp;
  /** Days of this or the next month: "by the twentieth"; groups `digits` or `word`. */
  readonly dayOfMonth: RegExp;
  /** Maybes, conditions and things that would have been, before a task. */
  readonly hypothetical: RegExp;
  /** In the words that lead into a task: makes it count only with a date ("should", "let's"). */
  readonly soft: RegExp;
  /** Asks by name, yet may be a mere question: "Will Tom …?" */
  readonly mereQuestion: RegExp;
  /** A task or topic named only by a pronoun: "do it". Anchored at both ends. */
  readonly pronounTask: RegExp;
  /** "look at it": the verb is said, the thing was said before. */
  readonly pronounObject: RegExp;
  /** A verb whose thing was said before, without a pronoun: "find out". Anchored at both ends. */
  readonly bareTask: RegExp;
  /** "Give her a hand": how is said by who agrees. Anchored at both ends. */
  readonly helping?: RegExp;
  /** What "we need to" do in this very talk: discuss, plan. Anchored. */
  readonly agenda: RegExp;
  /** Says that the one just named cannot do it. */
  readonly absence: RegExp;
  /** A condition after a task, apart from courtesies and "check if". */
  readonly conditional: RegExp;
  /** A time gone by: what was promised for it is no task any more. */
  readonly past: RegExp;
  /** A task goes from one to another: "instead". */
  readonly handover: RegExp;
  /** Begins with a pronoun: not the sentence that names a topic. Anchored. */
  readonly pointsAway: RegExp;
  /** "What about" before a topic. Anchored. */
  readonly topicLead: RegExp;
  /** "… going" after a topic. Anchored at the end. */
  readonly topicTail: RegExp;
  /** Ends that say nothing of the task: "please", "if that is okay", "because …". */
  readonly taskTail: RegExp;
  readonly acceptance: RegExp;
  readonly refusal: RegExp;
  /** Says that it has been done already. */
  readonly done: RegExp;
  /** Source: `{name}` is thanked for taking something over; group `thanked` or `praised`. */
  readonly thanks: string;
  readonly retraction: RegExp;
  /** A retraction that goes on to name what is taken back: "forget the", "no need to". */
  readonly namesRetracted: RegExp;
  /** A new date for the task just named. */
  readonly reschedule: RegExp;
  /** Says that something is not so. */
  readonly negation: RegExp;
  /** What somebody is doing that is no task: "coming", "waiting". Anchored. */
  readonly notProgress: RegExp;
  readonly recap: RegExp;

  readonly decisions: {
    /** Says that something is decided. */
    readonly explicit: readonly RegExp[];
    /** "We will", "let's": decides when one of `decisionVerbs` follows. */
    readonly together: RegExp;
    /** "Alright, we sell the old one": ends a discussion. Anchored, with its beginning. */
    readonly concluded: RegExp;
    /** "Wednesday it is": decides, however short. */
    readonly chosen?: RegExp;
    /** "Okay, the painters begin upstairs": decides what was asked just before; group `what`. Anchored. */
    readonly restated?: RegExp;
    /** Says what would be possible; `restated` can come back to it as to a question. */
    readonly offered?: RegExp;
    /** "Okay, twenty cents more": ends it without a verb; group `what`. Anchored. */
    readonly fragment: RegExp;
    /** Looks decided, and is not: "we have not decided". */
    readonly not: RegExp;
    /** Puts something to the others; counts when they agree. */
    readonly proposal: RegExp;
    /** "This or that?" proposes neither. */
    readonly alternatives: RegExp;
    /** Proposals for some day. */
    readonly hedged: RegExp;
    /** "I suggest": left out when it was agreed to. Anchored. */
    readonly proposalLead: RegExp;
    /** "Then it stays on Friday": decides on what was just named. Anchored. */
    readonly continued: RegExp;
    /** "That is decided then": points back. */
    readonly pointsBack: RegExp;
    /** In what points back: it is decided, not only welcome. */
    readonly settled: RegExp;
    readonly agreement: RegExp;
    readonly rejection: RegExp;
  };
  readonly questions: {
    readonly opening: RegExp;
    readonly rhetorical: RegExp;
    /** Nobody knows. */
    readonly unknown: RegExp;
    /** Says outright that something is open. */
    readonly explicit: RegExp;
    /** Asks for a day: "when can we have it?" Anchored. */
    readonly when?: RegExp;
    /** Leaves the topic. */
    readonly moveOn: RegExp;
  };
  /** Talk about the talk: "let's start with the agenda". */
  readonly procedural: RegExp;
  /** Strong statements. */
  readonly emphasis: RegExp;
  /** Words that make no title: verbs of doing, words of time and amount. Anchored. */
  readonly notTitle: RegExp;
  readonly clinical: {
    /** A section called by name; groups `subjective`, `objective`, `assessment`, `plan`. Anchored. */
    readonly announced: RegExp;
    readonly subjective: RegExp;
    readonly objective: RegExp;
    readonly assessment: RegExp;
    readonly plan: RegExp;
  };
}

/** An expression that matches whole words; `\b` knows only the letters a to z. */
export function words(source: string, flags = 'iu'): RegExp {
  return new RegExp(String.raw`(?<!\p{L})(?:${source})(?!\p{L})`, flags);
}

/** Words at the beginning of a sentence. */
export function opening(source: string, flags = 'iu'): RegExp {
  return new RegExp(String.raw`^(?:${source})(?!\p{L})`, flags);
}

/** Matches nothing: for what a language has no cue of. */
export const nothing = /(?!)/u;

export function wordList(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter(Boolean));
}
