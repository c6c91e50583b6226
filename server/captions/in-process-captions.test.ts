import { captionsSuite } from './captions-suite.ts';
import { createInProcessCaptions } from './in-process-captions.ts';

captionsSuite('in process', async () => {
  const captions = createInProcessCaptions();
  return {
    publisher: captions,
    listener: captions,
    settled: async () => {},
    cleanUp: async () => {},
  };
});
