import type { NumberFormats } from '../../src/report/format.ts';
import type { Flow } from './inspect.ts';

/** The sentences below the chart of the gradient, for numbers that are already formatted. */
export interface FlowWords {
  cells: Readonly<Record<Flow['cell'], string>>;
  /** @param share of the gradient at the first step. @param factor by which it changes a step back. */
  flowKeeps: (cell: string, share: string, factor: string) => string;
  flowUntrained: (steps: string, parts: string) => string;
  flowTrained: (parts: string) => string;
  flowFaster: (cell: string) => string;
  flowAlike: string;
  /** Why the untrained LSTM loses it. */
  flowWhy: (forget: string) => string;
}

/** Below, an untrained LSTM counts as one that loses its gradient. */
const LOST = 0.5;

/** What is left of the gradient at the first step, of that at the last. */
const shareOf = ({ norms }: Flow): number => norms[0]! / norms.at(-1)!;

/** A step back, on average. */
const factorOf = (flow: Flow): number => shareOf(flow) ** (1 / Math.max(1, flow.norms.length - 1));

/**
 * What the chart of the gradient shows, in sentences: what is left at the first step in each model, which one loses it faster, and
 * why an LSTM does where it does.
 * @param initialForget mean of the untrained LSTM's forget gate.
 */
export function flowText(
  flows: readonly Flow[],
  initialForget: number,
  words: FlowWords,
  format: Pick<NumberFormats, 'count' | 'times' | 'scientific'>,
): string {
  const short = (share: number) => (share < 1e-4 ? format.scientific(share, 1) : format.times(share));
  const keeps = (flow: Flow) => words.flowKeeps(words.cells[flow.cell], short(shareOf(flow)), short(factorOf(flow)));
  const of = (trained: boolean) => flows.filter((flow) => flow.trained === trained);
  const [untrained, trained] = [of(false), of(true)];
  const lstm = untrained.find(({ cell }) => cell === 'LSTM');
  return [
    words.flowUntrained(format.count(flows[0]!.norms.length), untrained.map(keeps).join('; ')),
    faster(untrained, words),
    lstm && shareOf(lstm) < LOST ? words.flowWhy(short(initialForget)) : '',
    words.flowTrained(trained.map(keeps).join('; ')),
    faster(trained, words),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Of a plain RNN and an LSTM, which one loses more of the gradient; '' where one of them is not there. */
function faster(flows: readonly Flow[], { cells, flowFaster, flowAlike }: FlowWords): string {
  const [rnn, lstm] = (['RNN_TANH', 'LSTM'] as const).map((cell) => flows.find((flow) => flow.cell === cell));
  if (!rnn || !lstm) return '';
  const ratio = shareOf(rnn) / shareOf(lstm);
  if (ratio > 0.8 && ratio < 1.25) return flowAlike;
  return flowFaster(cells[ratio < 1 ? 'RNN_TANH' : 'LSTM']);
}
