/** What a scenario found, for the report; a broken guarantee is thrown instead. */
export interface Finding {
  /** What was done to it, in a few words. */
  readonly fault: string;
  /** What held, with figures. */
  readonly held: string;
}

/** How far a scenario goes. The short form runs in the tests, the long one in `npm run soak`. */
export interface ScenarioOptions {
  readonly seed: number;
  /** Told while it runs. */
  say(line: string): void;
}
