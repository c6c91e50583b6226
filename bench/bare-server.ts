/**
 * What HTTP and PostgreSQL alone can do: the routes that hosted-http.ts asks for, with Fastify and `pg`. They read and
 * write the same rows of the same tables, and send them as they are: nobody is asked who they are, no transaction and
 * no row-level security, nothing is opened or checked. Prints its address.
 */
import Fastify from 'fastify';
import pg from 'pg';

const OWNER = 'alex';
const COLUMNS = 'id, state, mode, language, model, started_at, updated_at, duration_ms, revision, receipt';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const http = Fastify();
/** What is sealed goes out as text. */
const sent = (rows: Record<string, unknown>[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        Buffer.isBuffer(value) ? value.toString('base64') : value,
      ]),
    ),
  );
const rowsOf = async (text: string, ...values: unknown[]) => sent((await pool.query(text, values)).rows);
const recording = (id: string) =>
  rowsOf(`select ${COLUMNS}, details from speakr.recordings where user_id = $1 and id = $2`, OWNER, id);

interface ById {
  Params: { id: string };
}

http.get<ById>('/v1/recordings/:id', async ({ params }) => (await recording(params.id))[0] ?? {});
http.get('/v1/recordings', async () => ({
  recordings: await rowsOf(
    `select ${COLUMNS}, details from speakr.recordings where user_id = $1 and cancelled_at is null
     order by started_at desc, id desc limit 20`,
    OWNER,
  ),
}));
http.get<ById>('/v1/recordings/:id/transcript', async ({ params: { id } }) => {
  const of = `where user_id = $1 and recording_id = $2`;
  return {
    recording: await recording(id),
    revisions: await rowsOf(`select * from speakr.revisions ${of} order by revision`, OWNER, id),
    segments: await rowsOf(
      `select id, track, start_ms, end_ms, content from speakr.segments ${of} and revision = 1 order by start_ms`,
      OWNER,
      id,
    ),
  };
});
http.get('/v1/status', async () => ({
  running: await rowsOf(
    `select id from speakr.recordings where user_id = $1 and state = 'recording' order by started_at desc limit 200`,
    OWNER,
  ),
}));
http.patch<ById>(
  '/v1/recordings/:id',
  async ({ params: { id } }) =>
    (
      await rowsOf(
        `update speakr.recordings set details = details, updated_at = updated_at + 1
         where user_id = $1 and id = $2 returning ${COLUMNS}, details`,
        OWNER,
        id,
      )
    )[0] ?? {},
);
await http.listen({ host: '127.0.0.1', port: 0 });
const { port } = http.server.address() as { port: number };
process.stdout.write(`ready http://127.0.0.1:${port}\n`);
