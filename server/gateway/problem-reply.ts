import { LOGIN_PATH } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../observability/log.ts';

/** What Fastify throws before a handler runs, in our words: its own may quote the body. */
function fromFastify(error: unknown): SpeakrError | undefined {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new SpeakrError('payload_too_large', undefined, { hint: 'Send less in one request.' });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new SpeakrError('unsupported_media_type');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new SpeakrError('invalid_request', 'The request could not be read.');
  return undefined;
}

/** An expected error as it is; anything else is a bug: logged with its stack, and told only as `internal`. */
export function expectedError(error: unknown, log: Log): SpeakrError {
  if (error instanceof SpeakrError) return error;
  log.error({ error }, 'unexpected error');
  return new SpeakrError('internal');
}

/** RFC 6750, and where to find out how to log in (RFC 9728). */
const challenge = ({ protocol, host }: FastifyRequest, hasLogin: boolean) =>
  hasLogin ? `Bearer resource_metadata="${protocol}://${host}${LOGIN_PATH}"` : 'Bearer';

export function replyWithProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
  hasLogin: boolean,
): FastifyReply {
  const expected = fromFastify(error) ?? expectedError(error, log.child({ requestId: request.id }));
  if (expected.code === 'unauthorized') reply.header('www-authenticate', challenge(request, hasLogin));
  const { retryAfterMs } = expected;
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  const problem = expected.toProblem(request.id);
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
