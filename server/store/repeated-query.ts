import type { Compilable, CompiledQuery } from 'kysely';
import type { Queries } from './schema.ts';

/** Compiled text, and for each of its parameters the place of its value; -1 for what is always the same. */
interface Compiled<R> {
  readonly query: CompiledQuery<R>;
  readonly places: readonly number[];
}

/** What decides about the text: which values there are, and how many in a list. */
const shapeOf = (values: readonly unknown[]) =>
  values.map((value) => (value === undefined ? '-' : Array.isArray(value) ? value.length : '.')).join();

/**
 * A query that is asked with every request: built and compiled once for each dialect and each set of values that are
 * there, then only given values.
 * @param build must do nothing with a value but hand it to the query, and ask nothing of it but whether it is there
 */
export function repeatedQuery<V extends readonly unknown[], R>(
  build: (db: Queries, ...values: V) => Compilable<R>,
): (db: Queries, ...values: V) => Promise<R[]> {
  const dialects = new WeakMap<object, Map<string, Compiled<R>>>();

  function compile(db: Queries, values: V): Compiled<R> {
    const marks = values.map((value) => {
      if (value === undefined) return undefined;
      return Array.isArray(value) ? value.map(() => Symbol('value')) : Symbol('value');
    });
    const query = build(db, ...(marks as unknown as V)).compile();
    const all = marks.flat();
    return { query, places: query.parameters.map((parameter) => all.indexOf(parameter as symbol)) };
  }

  return async (db, ...values) => {
    const { adapter } = db.getExecutor();
    const shapes = dialects.get(adapter) ?? new Map<string, Compiled<R>>();
    dialects.set(adapter, shapes);
    const shape = shapeOf(values);
    const compiled = shapes.get(shape) ?? compile(db, values);
    shapes.set(shape, compiled);
    const { query, places } = compiled;
    const given = values.flat();
    const parameters = query.parameters.map((constant, index) => {
      const place = places[index] as number;
      return place === -1 ? constant : given[place];
    });
    return (await db.executeQuery<R>({ ...query, parameters })).rows;
  };
}
