/** Everything of a list that comes in pages. @param ask for the page after the one that gave this cursor */
export async function allPages<P extends { nextCursor?: string }, T>(
  ask: (page: { limit: number; cursor?: string }) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit: LARGEST, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...itemsOf(page));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** What the server gives at the most. */
const LARGEST = 200;
