/** Models that can serve, how good they were, what was put in whose place: of the server, not of its users. */
const tables = (text: string, integer: string, real: string, sequence: string, options: string) => `
  create table models (
    id ${text} primary key,
    kind ${text} not null,
    weights ${text} not null,
    options ${text} not null,
    created_at ${integer} not null,
    actor ${text} not null
  )${options};
  create table model_evaluations (
    seq ${sequence},
    model ${text} not null,
    metric ${text} not null,
    value ${real} not null,
    samples ${integer} not null,
    evaluated_on ${text} not null,
    at ${integer} not null,
    actor ${text} not null
  )${options};
  create index model_evaluations_by_model on model_evaluations (model, seq);
  create table model_promotions (
    seq ${sequence},
    kind ${text} not null,
    model ${text} not null,
    previous ${text} not null,
    state ${text} not null,
    reason ${text} not null,
    progress ${integer} not null,
    at ${integer} not null,
    active_at ${integer},
    actor ${text} not null
  )${options};
  create index model_promotions_by_kind on model_promotions (kind, seq);
  create table model_claims (
    kind ${text} primary key,
    holder ${text} not null,
    until ${integer} not null
  )${options};
`;

const names = ['model_claims', 'model_promotions', 'model_evaluations', 'models'] as const;
const down = names.map((name) => `drop table ${name};`).join('\n');

export const sqliteModelRegistry = {
  name: 'model registry',
  up: tables('text', 'integer', 'real', 'integer primary key autoincrement', ' strict'),
  down,
} as const;

/** @param id type of ids */
export const postgresModelRegistry = (id: string) => ({
  name: 'model registry',
  up: `
    ${tables(id, 'bigint', 'double precision', 'bigint generated always as identity primary key', '')}
    ${names.map((name) => `grant select, insert, update, delete on ${name} to speakr_app; grant select on ${name} to speakr_worker;`).join('\n')}
  `,
  down,
});
