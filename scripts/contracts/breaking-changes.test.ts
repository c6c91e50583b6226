import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { routes } from '../../contracts/api.ts';
import { contractProblems } from '../check-contracts.ts';
import { type Area, areas, routesOf } from './areas.ts';
import {
  type AsyncApiDocument,
  asyncApiChanges,
  type OpenApiDocument,
  openApiChanges,
  versionProblem,
} from './breaking-changes.ts';
import { deprecationProblems } from './deprecations.ts';

const generated = path.join(import.meta.dirname, '..', '..', 'contracts', 'generated');
const read = <T>(name: string) => JSON.parse(readFileSync(path.join(generated, name), 'utf8')) as T;
const TODAY = '2027-06-01';

// biome-ignore lint/suspicious/noExplicitAny: a document that is taken apart
type Loose = any;

/** What a change of the document of today is to those who know the one before. */
function changed(edit: (document: Loose) => void) {
  const before = read<OpenApiDocument>('openapi.json');
  const after = structuredClone(before);
  edit(after);
  return openApiChanges(before, after, TODAY);
}
const breaks = (edit: (document: Loose) => void) => changed(edit).some(({ breaking }) => breaking);

test('nothing has changed where nothing was changed', () => {
  assert.deepEqual(
    changed(() => {}),
    [],
  );
  const events = read<AsyncApiDocument>('asyncapi.json');
  assert.deepEqual(asyncApiChanges(events, events), []);
});

const recording = (document: Loose) => document.components.schemas.Recording;
const patch = (document: Loose) => document.components.schemas.RecordingPatch;
const list = (document: Loose) => document.paths['/v1/recordings'].get;

const breaking: Record<string, (document: Loose) => void> = {
  'a call is taken away': (document) => delete document.paths['/v1/storage'],
  'a field of an answer is taken away': (document) => delete recording(document).properties.title,
  'a field of an answer changes its type': (document) => {
    recording(document).properties.durationMs = { type: 'string' };
  },
  'a field that was always there may be absent': (document) => {
    recording(document).required = recording(document).required.filter((name: string) => name !== 'title');
  },
  'a request needs another field': (document) => {
    patch(document).properties.reason = { type: 'string' };
    patch(document).required = ['reason'];
  },
  'a parameter becomes required': (document) => {
    list(document).parameters[0].required = true;
  },
  'a longer text is not taken any more': (document) => {
    patch(document).properties.title.maxLength = 20;
  },
  'a value of a request is taken away': (document) => {
    document.components.schemas.RecordingCommand.properties.command.enum.pop();
  },
  'a call needs another scope': (document) => {
    list(document).security = [{ bearer: ['admin'] }];
  },
};
const compatible: Record<string, (document: Loose) => void> = {
  'a call is new': (document) => {
    document.paths['/v1/new'] = { get: list(document) };
  },
  'an answer has another field': (document) => {
    recording(document).properties.mood = { type: 'string' };
    recording(document).required.push('mood');
  },
  'a request may have another field': (document) => {
    patch(document).properties.reason = { type: 'string' };
  },
  'there is another optional parameter': (document) => {
    list(document).parameters.push({
      name: 'mood',
      in: 'query',
      required: false,
      schema: { type: 'string' },
    });
  },
  'a longer text is taken': (document) => {
    patch(document).properties.title.maxLength = 2000;
  },
  'an answer has another value in a list': (document) => {
    recording(document).properties.titleSource.enum?.push('guess');
    document.components.schemas.Job.properties.state.enum?.push('paused');
  },
  'a call is deprecated': (document) => {
    Object.assign(list(document), { deprecated: true, 'x-sunset': '2027-12-01' });
  },
  'other words describe it': (document) => {
    recording(document).description = 'Something else';
  },
};
for (const [what, edit] of Object.entries(breaking))
  test(`${what}: that breaks clients`, () => {
    assert.ok(breaks(edit));
    assert.match(versionProblem('1.3.0', '1.4.0', changed(edit)) ?? '', /make it 2\.0\.0/);
    assert.equal(versionProblem('1.3.0', '2.0.0', changed(edit)), undefined);
  });
for (const [what, edit] of Object.entries(compatible))
  test(`${what}: that breaks nobody`, () => {
    assert.deepEqual(
      changed(edit).filter((change) => change.breaking),
      [],
    );
    assert.equal(versionProblem('1.3.0', '1.4.0', changed(edit)), undefined);
  });

test('what is added needs a new minor version', () => {
  const added = changed(compatible['a call is new']!);
  assert.match(versionProblem('1.3.0', '1.3.9', added) ?? '', /make it 1\.4\.0/);
  assert.equal(versionProblem('1.3.0', '1.3.0', []), undefined);
  assert.match(versionProblem('2.0.0', '1.9.0', []) ?? '', /older/);
});

test('what is deprecated may go when its day is over, and not before', () => {
  const before = read<OpenApiDocument>('openapi.json');
  Object.assign(list(before), { deprecated: true, 'x-sunset': '2027-05-01' });
  const after = structuredClone(before) as Loose;
  delete after.paths['/v1/recordings'].get;
  assert.ok(openApiChanges(before, after, '2027-04-30').some((change) => change.breaking));
  assert.ok(!openApiChanges(before, after, '2027-05-01').some((change) => change.breaking));
});

test('events and messages of the socket are compared too, each for who reads it', () => {
  const before = read<AsyncApiDocument>('asyncapi.json');
  const edited = (edit: (document: Loose) => void) => {
    const after = structuredClone(before);
    edit(after);
    return asyncApiChanges(before, after).some((change) => change.breaking);
  };
  const data = (document: Loose) =>
    document.channels['recording.finished.v1'].messages['recording.finished.v1'].payload.allOf[1].properties
      .data;
  assert.ok(edited((document) => delete document.channels['recording.finished.v1']));
  assert.ok(edited((document) => delete data(document).properties.capturedMs));
  assert.ok(
    !edited((document) => {
      data(document).properties.tracks = { type: 'integer' };
    }),
  );
  const start = (document: Loose) => document.channels.stream.messages.start.payload;
  assert.ok(
    edited((document) => {
      start(document).properties.mood = { type: 'string' };
      start(document).required.push('mood');
    }),
  );
});

test('the contracts of today break no client of those that were released', () => {
  assert.deepEqual(contractProblems(TODAY), []);
});

test('what is deprecated works for 90 days', () => {
  const of = (since: string, sunset: string) =>
    deprecationProblems([{ what: 'x', since, sunset, instead: 'y' }]);
  assert.deepEqual(of('2027-01-01', '2027-04-01'), []);
  assert.equal(of('2027-01-01', '2027-03-31').length, 1);
  assert.equal(of('soon', '2027-03-31').length, 1);
});

test('every call is in one of the five documents', () => {
  const named = (Object.keys(areas) as Area[]).flatMap((area) => Object.keys(routesOf(area)));
  assert.deepEqual(named.toSorted(), Object.keys(routes).toSorted());
  for (const area of Object.keys(areas)) {
    const document = read<OpenApiDocument>(`openapi-${area}.json`);
    assert.ok(Object.keys(document.paths).length > 0, area);
    const references = JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g);
    for (const [, name = ''] of references) assert.ok(document.components.schemas[name], `${area}: ${name}`);
  }
});
