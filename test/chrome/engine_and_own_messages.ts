import { serve } from '../../src/worker/index.ts';

serve();
self.addEventListener('message', ({ data }) => {
  if (data === 'close') self.close();
  if (data === 'throw') throw new Error('a bug outside of the engine');
});
