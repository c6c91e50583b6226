import { createHmac, randomBytes } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Selectable } from 'kysely';
import { demandUser, type OwnerContext } from './owner-context.ts';
import type { Tables } from './schema.ts';
import { seal, unseal } from './sealed-value.ts';
import type { NewUpload, OwnerStore, StoredUpload } from './store.ts';

type UploadQueries = Pick<
  OwnerStore,
  | 'createUpload'
  | 'getUpload'
  | 'countOpenUploads'
  | 'listUploadObjects'
  | 'addUploadPart'
  | 'updateUpload'
  | 'expiredUploads'
  | 'removeUpload'
>;

const noSuchUpload = (id: string) => new SpeakrError('not_found', `There is no upload ${id}.`);

export function uploadQueries(context: OwnerContext): UploadQueries {
  const { db, owner, keys, clock } = context;
  const contextOf = (id: string, what: 'key' | 'details') => `${owner}/upload/${id}/${what}`;
  const rows = () => db.selectFrom('uploads').selectAll().where('user_id', '=', owner);

  const open = (id: string, what: 'key' | 'details', sealed: Uint8Array): Buffer => {
    const content = unseal(keys.userKey, contextOf(id, what), sealed);
    if (!content) throw new SpeakrError('key_missing', `The key of upload ${id} does not open.`);
    return content;
  };
  async function load(row: Selectable<Tables['uploads']>): Promise<StoredUpload> {
    const parts = await db
      .selectFrom('upload_parts')
      .select(['part', 'bytes', 'object', 'digest'])
      .where('user_id', '=', owner)
      .where('upload_id', '=', row.id)
      .orderBy('part')
      .execute();
    return {
      id: row.id,
      recordingId: row.recording_id,
      state: row.state as StoredUpload['state'],
      key: open(row.id, 'key', row.wrapped_key),
      about: JSON.parse(open(row.id, 'details', row.details).toString()) as NewUpload['about'],
      parts,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
  }
  const find = async (id: string): Promise<StoredUpload | undefined> => {
    const row = await rows().where('id', '=', id).executeTakeFirst();
    return row && load(row);
  };

  return {
    getUpload: find,

    async createUpload({ id, recordingId, about, expiresAt }) {
      const known = await find(id);
      if (known) return known;
      await demandUser(context);
      const now = clock.now();
      await db
        .insertInto('uploads')
        .values({
          user_id: owner,
          id,
          recording_id: recordingId,
          state: 'open',
          wrapped_key: seal(keys.userKey, contextOf(id, 'key'), randomBytes(32)),
          details: seal(keys.userKey, contextOf(id, 'details'), Buffer.from(JSON.stringify(about))),
          created_at: now,
          expires_at: expiresAt,
        })
        .execute();
      const created = await find(id);
      if (!created) throw new Error('the upload just written is not there');
      return created;
    },

    async countOpenUploads() {
      const { count } = await db
        .selectFrom('uploads')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('user_id', '=', owner)
        .where('state', '=', 'open')
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async listUploadObjects() {
      const uploads = await db
        .selectFrom('uploads')
        .select(['id', 'recording_id', 'state'])
        .where('user_id', '=', owner)
        .orderBy('id')
        .execute();
      const parts = await db
        .selectFrom('upload_parts')
        .select(['upload_id', 'object'])
        .where('user_id', '=', owner)
        .orderBy('upload_id')
        .orderBy('part')
        .execute();
      const objects = Map.groupBy(parts, ({ upload_id }) => upload_id);
      return uploads.map(({ id, recording_id, state }) => ({
        id,
        recordingId: recording_id,
        state: state as StoredUpload['state'],
        objects: (objects.get(id) ?? []).map(({ object }) => object),
      }));
    },

    async addUploadPart(id, { part, bytes, object, sha256 }) {
      const upload = await find(id);
      if (!upload) throw noSuchUpload(id);
      if (upload.state !== 'open') throw new SpeakrError('upload_closed');
      // Of what a user says nothing readable is kept, not even a hash that others could compare.
      const digest = createHmac('sha256', upload.key).update(sha256).digest('hex');
      const known = upload.parts.find((each) => each.part === part);
      if (known) {
        if (known.digest !== digest)
          throw new SpeakrError('part_reused', `Part ${part} is here with other bytes.`);
        return { kept: false };
      }
      await db
        .insertInto('upload_parts')
        .values({ user_id: owner, upload_id: id, part, bytes, object, digest })
        .execute();
      return { kept: true };
    },

    async updateUpload(id, { state, expiresAt }) {
      await db
        .updateTable('uploads')
        .set({
          ...(state === undefined ? {} : { state }),
          ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        })
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .execute();
    },

    async expiredUploads(before) {
      const found = await db
        .selectFrom('uploads')
        .select('id')
        .where('user_id', '=', owner)
        .where('expires_at', '<', before)
        .orderBy('id')
        .execute();
      return found.map(({ id }) => id);
    },

    async removeUpload(id) {
      await db.deleteFrom('uploads').where('user_id', '=', owner).where('id', '=', id).execute();
    },
  };
}
