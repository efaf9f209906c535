import { requestDevice } from '../../src/index.ts';
import { clockTruth } from '../clock_truth.ts';

document.querySelector('output')!.textContent = JSON.stringify(await clockTruth(await requestDevice()));
