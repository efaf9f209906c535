// The complete worker script: the engine that the page uses.
import { serve } from 'lstm-webgpu/worker';

serve();
