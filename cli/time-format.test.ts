import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byteSize,
  clockTime,
  dateTime,
  duration,
  parseClockTime,
  parseMoment,
  shortId,
} from './time-format.ts';

test('times are written and read as people do', () => {
  assert.equal(clockTime(62_999), '01:02');
  assert.equal(clockTime(3_723_000), '1:02:03');
  assert.equal(parseClockTime('12:34'), 754_000);
  assert.equal(parseClockTime('1:02:03'), 3_723_000);
  assert.equal(parseClockTime('1.5'), 1500);
  assert.throws(() => parseClockTime('noon'), /not a time/);
});

test('moments are days of the user, times, or ages', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  assert.equal(parseMoment('2d', now), now - 2 * 86_400_000);
  assert.equal(parseMoment('12h', now), now - 12 * 3_600_000);
  assert.equal(parseMoment('2026-11-20', now), new Date(2026, 10, 20).getTime());
  assert.equal(parseMoment('2026-11-20T08:00:00Z', now), Date.parse('2026-11-20T08:00:00Z'));
  assert.throws(() => parseMoment('last week', now), /not a date/);
});

test('sizes, dates and ids', () => {
  assert.equal(byteSize(0), '0 B');
  assert.equal(byteSize(1536), '1.5 KB');
  assert.equal(byteSize(43_943_830), '44 MB');
  assert.equal(dateTime(new Date(2026, 0, 2, 3, 4).getTime()), '2026-01-02 03:04');
  assert.equal(shortId('0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e'), '2c4d1e');
});

test('lengths of time have the unit that people would use', () => {
  assert.deepEqual([0, 7.26, 420, 1500, 59_000, 90_000, 7_200_000].map(duration), [
    '0 ms',
    '7.3 ms',
    '420 ms',
    '1.5 s',
    '59 s',
    '1.5 min',
    '2 h',
  ]);
});
