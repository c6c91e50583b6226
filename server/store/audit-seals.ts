import { createHmac } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type AuditRow, digestOf } from './audit-log.ts';
import type { Queries, Tables } from './schema.ts';

/** Entries of one seal. */
const MOST_ENTRIES = 10_000;
/** A transaction that has not come to its end by then has come to nothing: its number is not waited for, ms. */
const WAIT_MS = 60 * 60 * 1000;
/** Entries that are older and not sealed say that sealing stands still, or that seals were removed, ms. */
const LATE_MS = 10 * 60 * 1000;
const DIGEST_BYTES = 32;

/** Numbers from the first to the second. */
type Range = readonly [number, number];
/** A number that was not there, and since when. */
type Gap = readonly [number, number];
/** How far a seal has looked, and what was not there by then. */
interface Looked {
  readonly upto: number;
  readonly gaps: readonly Gap[];
}
type SealRow = Selectable<Tables['audit_seals']>;

export interface Seal {
  readonly number: number;
  /** Keyed hash over its entries and the seal before, hex. */
  readonly hash: string;
  readonly entries: number;
}

export interface AuditFinding {
  readonly kind:
    | 'entry_changed'
    | 'entry_removed'
    | 'entry_inserted'
    | 'seal_changed'
    | 'seal_removed'
    | 'not_sealed';
  /** Number of the entry. */
  readonly entry?: number;
  /** Number of the seal. */
  readonly seal?: number;
  readonly detail: string;
}

export interface AuditReport {
  readonly entries: number;
  readonly seals: number;
  /** Entries that name nobody any more. */
  readonly erased: number;
  /** The last seal: to be kept elsewhere, for a later look. */
  readonly last?: Seal;
  readonly findings: readonly AuditFinding[];
}

export interface AuditSeals {
  /** Seals what has come since. @returns undefined when nothing has */
  seal(): Promise<Seal | undefined>;
  /**
   * Looks whether the log is what was sealed.
   * @param expected a seal that was there before, from a log or a report
   */
  verify(expected?: Pick<Seal, 'number' | 'hash'>): Promise<AuditReport>;
}

function rangesOf(numbers: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

const lengthOf = (ranges: readonly Range[]) =>
  ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/**
 * The log is sealed by a chain: each seal holds the hash of every entry since the one before, and a keyed hash over them
 * and that seal. Numbers are given to entries before they are committed, so a seal says which it covers, and for which it
 * still waits.
 * @param key 32 bytes; who does not have it cannot make seals
 */
export function createAuditSeals({
  db,
  key,
  now,
}: {
  readonly db: Queries;
  key(): Promise<Uint8Array>;
  readonly now: () => number;
}): AuditSeals {
  const hashOf = (
    secret: Uint8Array,
    before: Uint8Array | undefined,
    seal: Pick<SealRow, 'number' | 'sealed_at' | 'ranges' | 'waiting' | 'digests'>,
  ) =>
    createHmac('sha256', secret)
      .update(before ?? Buffer.alloc(DIGEST_BYTES))
      .update(JSON.stringify([seal.number, seal.sealed_at, seal.ranges, seal.waiting]))
      .update(seal.digests)
      .digest();

  const lastSeal = () =>
    db.selectFrom('audit_seals').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst();
  const rowsBetween = ([first, last]: Range): Promise<AuditRow[]> =>
    db
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '>=', first)
      .where('seq', '<=', last)
      .orderBy('seq')
      .execute();

  async function sealNext(): Promise<Seal | undefined> {
    const before = await lastSeal();
    const { upto: from, gaps: waited } = lookedAt(before);
    const fresh = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('seq', '>', from)
      .orderBy('seq')
      .limit(MOST_ENTRIES)
      .execute();
    const late =
      waited.length === 0
        ? []
        : await db
            .selectFrom('audit_log')
            .selectAll()
            .where(
              'seq',
              'in',
              waited.map(([seq]) => seq),
            )
            .execute();
    const covered = [...late, ...fresh].sort((a, b) => a.seq - b.seq);
    if (covered.length === 0) return undefined;
    const sealed_at = now();
    const there = new Set(covered.map(({ seq }) => seq));
    const gaps = waited.filter(([seq, since]) => !there.has(seq) && since > sealed_at - WAIT_MS);
    const end = fresh.at(-1)?.seq ?? from;
    for (let seq = from + 1; seq < end; seq += 1) if (!there.has(seq)) gaps.push([seq, sealed_at]);
    const seal = {
      number: (before?.number ?? 0) + 1,
      sealed_at,
      ranges: JSON.stringify(rangesOf(covered.map(({ seq }) => seq))),
      waiting: JSON.stringify({ upto: end, gaps } satisfies Looked),
      digests: Buffer.concat(covered.map(digestOf)),
    };
    const hash = hashOf(await key(), before?.hash, seal);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('audit_seals')
      .values({ ...seal, hash })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    // Another process was faster.
    if (numInsertedOrUpdatedRows === 0n) return undefined;
    return { number: seal.number, hash: hash.toString('hex'), entries: covered.length };
  }

  return {
    async seal() {
      let last: Seal | undefined;
      for (;;) {
        const made = await sealNext();
        if (made === undefined) return last;
        last = made;
        if (made.entries < MOST_ENTRIES) return made;
      }
    },

    async verify(expected) {
      const secret = await key();
      const findings: AuditFinding[] = [];
      const covered: Range[] = [];
      let before: SealRow | undefined;
      let seals = 0;
      let erased = 0;
      let isExpectedThere = expected === undefined;
      for (;;) {
        const seal = await db
          .selectFrom('audit_seals')
          .selectAll()
          .where('number', '>', before?.number ?? 0)
          .orderBy('number')
          .limit(1)
          .executeTakeFirst();
        if (seal === undefined) break;
        seals += 1;
        const follows = seal.number === (before?.number ?? 0) + 1;
        if (!follows)
          findings.push({
            kind: 'seal_removed',
            seal: (before?.number ?? 0) + 1,
            detail: `Seals ${(before?.number ?? 0) + 1} to ${seal.number - 1} are not there.`,
          });
        else if (Buffer.compare(hashOf(secret, before?.hash, seal), seal.hash) !== 0)
          findings.push({
            kind: 'seal_changed',
            seal: seal.number,
            detail: `Seal ${seal.number} does not follow from its entries and the one before.`,
          });
        if (expected?.number === seal.number && expected.hash === Buffer.from(seal.hash).toString('hex'))
          isExpectedThere = true;
        const ranges: readonly Range[] = JSON.parse(seal.ranges);
        covered.push(...ranges);
        const looked = await entryFindings(ranges, seal);
        findings.push(...looked.findings);
        erased += looked.erased;
        before = seal;
      }
      if (!isExpectedThere)
        findings.push({
          kind: 'seal_removed',
          seal: expected?.number ?? 0,
          detail: `Seal ${expected?.number} was there before and is not any more.`,
        });
      findings.push(...(await insertedFindings(covered, before)), ...(await lateFindings(before)));
      const last =
        before === undefined
          ? undefined
          : {
              number: before.number,
              hash: Buffer.from(before.hash).toString('hex'),
              entries: lengthOf(JSON.parse(before.ranges)),
            };
      return {
        entries: lengthOf(covered),
        seals,
        erased,
        ...(last === undefined ? {} : { last }),
        findings,
      };
    },
  };

  /** Each entry of a seal is there, and what it was. */
  async function entryFindings(ranges: readonly Range[], { number, digests }: SealRow) {
    const findings: AuditFinding[] = [];
    let erased = 0;
    let at = 0;
    for (const range of ranges) {
      const rows = new Map((await rowsBetween(range)).map((row) => [row.seq, row]));
      for (let seq = range[0]; seq <= range[1]; seq += 1, at += DIGEST_BYTES) {
        const row = rows.get(seq);
        const about = { entry: seq, seal: number };
        if (row === undefined)
          findings.push({ ...about, kind: 'entry_removed', detail: `Entry ${seq} is not there.` });
        else if (row.erased_by !== null && (await isErasure(row.erased_by))) erased += 1;
        else if (Buffer.compare(digestOf(row), digests.subarray(at, at + DIGEST_BYTES)) !== 0)
          findings.push({ ...about, kind: 'entry_changed', detail: `Entry ${seq} is not what it was.` });
      }
    }
    return { findings, erased };
  }

  /** Whom an erased entry was about is gone for good; that a user was erased then is an entry itself. */
  async function isErasure(seq: number): Promise<boolean> {
    const row = await db
      .selectFrom('audit_log')
      .select('action')
      .where('seq', '=', seq)
      .where('erased_by', 'is', null)
      .executeTakeFirst();
    return row?.action === 'account.erased';
  }

  /** Nothing is there, up to the last seal, that no seal covers and that was not waited for. */
  async function insertedFindings(
    covered: readonly Range[],
    last: SealRow | undefined,
  ): Promise<AuditFinding[]> {
    if (last === undefined) return [];
    const waiting = new Set(lookedAt(last).gaps.map(([seq]) => seq));
    const findings: AuditFinding[] = [];
    let next = 1;
    for (const [first, end] of covered.toSorted(([a], [b]) => a - b)) {
      if (first > next)
        for (const { seq } of await rowsBetween([next, first - 1]))
          if (!waiting.has(seq))
            findings.push({
              kind: 'entry_inserted',
              entry: seq,
              detail: `Entry ${seq} came after what is around it was sealed.`,
            });
      next = Math.max(next, end + 1);
    }
    return findings;
  }

  async function lateFindings(last: SealRow | undefined): Promise<AuditFinding[]> {
    const oldest = await db
      .selectFrom('audit_log')
      .select(['seq', 'at'])
      .where('seq', '>', lookedAt(last).upto)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined || oldest.at > now() - LATE_MS) return [];
    return [
      {
        kind: 'not_sealed',
        entry: oldest.seq,
        detail: `Entries from ${oldest.seq} on are not sealed: seals were removed, or sealing stands still.`,
      },
    ];
  }
}

const lookedAt = (seal: Pick<SealRow, 'waiting'> | undefined): Looked =>
  seal === undefined ? { upto: 0, gaps: [] } : JSON.parse(seal.waiting);
