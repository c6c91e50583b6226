/** A notes template: which sections, in which order. */
export interface NotesTemplate {
  readonly name: string;
  readonly sections: readonly { readonly id: string; readonly heading: string }[];
}
