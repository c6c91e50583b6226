import { v7 as uuidv7 } from 'uuid';
import type { Handlers } from '../handler.ts';
import type { GatewayServices } from '../services.ts';

export function uploadRoutes({
  services: { uploads },
}: {
  readonly services: Pick<GatewayServices, 'uploads'>;
}): Handlers<
  'uploadFile' | 'beginUpload' | 'getUpload' | 'putUploadPart' | 'completeUpload' | 'abortUpload'
> {
  return {
    uploadFile({ owner, query, content, signal }) {
      const { id = uuidv7(), recordingId = uuidv7(), sha256, tag, ...about } = query;
      const tags = tag === undefined ? [] : [tag].flat();
      return uploads.send(owner, { ...about, id, recordingId, tags }, { body: content, sha256, signal });
    },

    beginUpload: ({ owner, body }) => uploads.begin(owner, body),

    getUpload: ({ owner, params }) => uploads.get(owner, params.upload),

    putUploadPart: ({ owner, params, query, content, signal }) =>
      uploads.putPart(owner, params.upload, params.part, { body: content, sha256: query.sha256, signal }),

    completeUpload: ({ owner, params, body }) => uploads.complete(owner, params.upload, body.parts),

    async abortUpload({ owner, params }) {
      await uploads.abort(owner, params.upload);
      return undefined;
    },
  };
}
