/** What HTTP and PostgreSQL alone can do: Fastify, `pg`, one row by its key. Prints its address; see hosted-http.ts. */
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const http = Fastify();
http.get<{ Params: { id: string } }>('/v1/recordings/:id', async ({ params }) => {
  const { rows } = await pool.query('select * from speakr.recordings where user_id = $1 and id = $2', [
    'alex',
    params.id,
  ]);
  return rows[0] ?? {};
});
await http.listen({ host: '127.0.0.1', port: 0 });
const { port } = http.server.address() as { port: number };
process.stdout.write(`ready http://127.0.0.1:${port}\n`);
