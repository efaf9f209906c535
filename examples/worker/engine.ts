// The worker's whole script: the engine, which the page talks to.
import { serve } from 'lstm-webgpu/worker';

serve();
