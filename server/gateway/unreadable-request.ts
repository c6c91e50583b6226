import type { Socket } from 'node:net';
import { SpeakrError } from '@speakr/contracts/problem';

/** What Node could not make out as HTTP, in our words. */
function errorOf(code: string | undefined): SpeakrError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new SpeakrError('headers_too_large', undefined, { hint: 'Send shorter headers.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new SpeakrError('request_timeout', 'The request did not come in time.');
  return new SpeakrError('invalid_request', 'This is not HTTP.');
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers what never became a request, as every other error is answered, and closes the connection. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) return void socket.destroy(error);
  const problem = errorOf(error.code).toProblem();
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${reasons[problem.status]}\r\n` +
      'Content-Type: application/problem+json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      'Connection: close\r\n\r\n' +
      body,
  );
}
