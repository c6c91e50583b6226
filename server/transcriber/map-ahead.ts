/**
 * Maps a source with up to `limit` items under way at once. Results come in the order of the source, each as soon as
 * it and those before are there; the source is read meanwhile.
 */
export async function* mapAhead<Item, Result>(
  source: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  limit: number,
): AsyncGenerator<Result> {
  const iterator = source[Symbol.asyncIterator]();
  const underWay: Promise<Result>[] = [];
  let reading: Promise<IteratorResult<Item>> | undefined;
  let ended = false;
  try {
    for (;;) {
      if (!ended && underWay.length < limit) reading ??= iterator.next();
      const head = underWay[0];
      if (head === undefined && reading === undefined) return;
      const first = await Promise.race([settled(head, 'result'), settled(reading, 'item')]);
      if (first === 'result') {
        yield await (underWay.shift() as Promise<Result>);
        continue;
      }
      const next = await (reading as Promise<IteratorResult<Item>>);
      reading = undefined;
      if (next.done) {
        ended = true;
        continue;
      }
      const result = work(next.value);
      // A failure is heard when it is its turn.
      result.catch(() => {});
      underWay.push(result);
    }
  } finally {
    reading?.catch(() => {});
    // Not awaited: a source that waits for its own next item cannot return before.
    iterator.return?.()?.catch(() => {});
    await Promise.allSettled(underWay);
  }
}

function settled<Name extends string>(promise: Promise<unknown> | undefined, name: Name): Promise<Name> {
  if (promise === undefined) return new Promise(() => {});
  return promise.then(
    () => name,
    () => name,
  );
}
