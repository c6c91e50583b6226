/** What holds for users and tenants beside the settings. Tenants sort before users. */
const table = (text: string, integer: string, options: string) => `
  create table policies (
    scope text not null,
    name ${text} not null,
    tenant ${text},
    policy text not null,
    version ${integer} not null,
    changed_at ${integer} not null,
    actor ${text} not null,
    primary key (scope, name)
  )${options};
`;

export const sqlitePolicies = {
  name: 'policies',
  up: table('text', 'integer', ' strict'),
  down: 'drop table policies;',
} as const;

/**
 * Not for the role that answers users: nobody lifts a limit of their own.
 * @param id type of ids
 */
export const postgresPolicies = (id: string) => ({
  name: 'policies',
  up: `
    ${table(id, 'bigint', '')}
    grant select, insert, update on policies to speakr_worker;
  `,
  down: 'drop table policies;',
});
