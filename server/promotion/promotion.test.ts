import { test } from 'node:test';
import { promotionParts, promotionSuite } from '../fixtures/promotion-suite.ts';
import { testApp } from '../fixtures/test-app.ts';

test('on one machine a model takes the place of another under live streams, or does not, and gives it back', async (t) => {
  const { parts, ...stages } = promotionParts();
  const app = await testApp(t, { parts });
  await promotionSuite({ request: app.request, connect: app.connect }, stages);
});
