/** A positional word of a command. */
export interface Argument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** Takes all remaining words. */
  readonly repeat?: true;
  readonly choices?: readonly string[];
}

/** An option of a command. Without `value` it is a switch. */
export interface Option {
  /** Long name without dashes; `no-x` is a switch `x` that is on unless given. */
  readonly name: string;
  readonly short?: string;
  /** Name of the value in help texts, for example `FILE`. */
  readonly value?: string;
  /** The value is a whole number. */
  readonly number?: true;
  /** May be given several times. */
  readonly repeat?: true;
  readonly choices?: readonly string[];
  /** For speakr itself; help does not show it. */
  readonly hidden?: true;
  readonly summary: string;
}

export const groups = ['Record', 'Find', 'Change', 'Running recordings', 'Care', 'Shell'] as const;

/** A command as data. Help, completion and the reference page are printed from it. */
export interface Definition {
  readonly name: string;
  /** One line, starts with a verb. */
  readonly summary: string;
  /** Further paragraphs for `--help` and the reference page. */
  readonly details?: string;
  readonly group?: (typeof groups)[number];
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly examples?: readonly string[];
}

/** Keeps the literal types of a definition, so that `OptionsOf` can tell the options. */
export const define = <const D extends Definition>(definition: D): D => definition;

type Camel<S extends string> = S extends `no-${infer Rest}`
  ? Camel<Rest>
  : S extends `${infer Head}-${infer Tail}`
    ? `${Head}${Capitalize<Camel<Tail>>}`
    : S;

type Choice<T> = T extends { choices: readonly (infer C extends string)[] } ? C : string;

type ArgumentValue<A extends Argument> = A extends { repeat: true }
  ? Choice<A>[]
  : A extends { optional: true }
    ? Choice<A> | undefined
    : Choice<A>;

type OptionValue<O extends Option> = O extends { value: string }
  ? O extends { repeat: true }
    ? string[] | undefined
    : O extends { number: true }
      ? number | undefined
      : Choice<O> | undefined
  : O extends { name: `no-${string}` }
    ? boolean
    : boolean | undefined;

type ListOf<T> = T extends readonly (infer Item)[] ? Item : never;

/** What `run` gets: arguments and options of the definition under their camel-case names. */
export type OptionsOf<D extends Definition> = {
  [A in ListOf<D['arguments']> as A extends Argument ? Camel<A['name']> : never]: A extends Argument
    ? ArgumentValue<A>
    : never;
} & {
  [O in ListOf<D['options']> as O extends Option ? Camel<O['name']> : never]: O extends Option
    ? OptionValue<O>
    : never;
};

export const jsonOption = { name: 'json', summary: 'Print JSON, as described in docs/cli.md' } as const;

export const outputFormats = ['text', 'md', 'srt', 'vtt', 'json', 'id'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const outputOption = {
  name: 'output',
  short: 'o',
  value: 'FORMAT',
  choices: outputFormats,
  summary: 'Print one thing: the text, the document as md, srt, vtt or json, or the recording id',
} as const;

/** Options every command understands. */
export const globalOptions = [
  { name: 'server', value: 'URL', summary: 'Talk to this server instead of the one of this machine' },
  { name: 'config', value: 'FILE', summary: 'Read this configuration file' },
  { name: 'verbose', summary: 'Print details of what goes wrong' },
] as const satisfies readonly Option[];

export type GlobalOptions = { server?: string; config?: string; verbose?: boolean };
