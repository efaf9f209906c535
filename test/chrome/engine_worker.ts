Error.stackTraceLimit = 30; // a test looks for the frame at the bottom

import { serve } from '../../src/worker/index.ts';

serve();
