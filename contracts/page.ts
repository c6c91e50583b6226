import { z } from 'zod';
import { field } from './field.ts';

/** What every list takes: pages of a size, one after the other. */
export const page = {
  limit: field(z.coerce.number().int().min(1).max(200), 'How many at the most', 50).optional(),
  cursor: field(z.string().max(500), 'From the page before', 'eyJ0IjoxfQ').optional(),
};

export const nextCursor = () =>
  field(z.string(), 'Pass as cursor for the next page; absent on the last', 'eyJ0IjoxfQ').optional();
