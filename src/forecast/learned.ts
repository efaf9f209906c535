import type { Scaler } from '../data/scaler.ts';
import { ConfigError } from '../errors.ts';
import { notWhole } from '../options.ts';
import type { SeriesScalers } from './encoder.ts';
import type { EvaluateOptions } from './evaluation.ts';
import type { SavedModel } from './model_file.ts';

/** What models know of the series that they learned, beside their weights: which of them learned which, and the scales. */
export class Learned {
  /** Of each series; none before a fit. */
  readonly scalers: readonly SeriesScalers[];
  /** Of each model its series, by their places. */
  readonly seriesOf: readonly (readonly number[])[];

  constructor({ scalers, seriesOf }: Pick<SavedModel, 'scalers' | 'seriesOf'>) {
    this.scalers = scalers;
    this.seriesOf = seriesOf;
  }

  get targetScalers(): Scaler[] {
    return this.scalers.map(({ target }) => target);
  }

  /** Every member has a series of its own. */
  get hasSeriesEach(): boolean {
    return this.seriesOf.length > 1 && this.seriesOf[1]![0] !== 0;
  }

  /** The models that learn a series. */
  learnersOf(place: number): number[] {
    return this.seriesOf.flatMap((own, model) => (own.includes(place) ? [model] : []));
  }

  /** The place of a series, of several. @throws ConfigError for one that there is not, and where it has to be said which. */
  placeOf(method: string, of: number | undefined, member: number | undefined): number {
    const count = this.scalers.length;
    if (this.hasSeriesEach) return member!;
    if (of === undefined && count > 1)
      throw new ConfigError(`${method}: there are ${count} series; pass { of } to say which, from 0.`);
    return of === undefined ? 0 : this.#known(method, of);
  }

  /** The models whose forecasts behind the end of a series count. @throws ConfigError where it has to be said of which. */
  askedAhead(method: string, of: number | undefined): number[] {
    const all = this.seriesOf.map((_, model) => model);
    if (!this.hasSeriesEach) return all;
    if (method === 'predictMembers' && of === undefined) return all;
    if (method === 'predictMembers')
      throw new ConfigError(`of: got ${of}, but every member forecasts its own series; leave it out, or use predict.`);
    if (of === undefined)
      throw new ConfigError(
        `${method}: every member has a series of its own; pass { of } to say which, from 0, or use predictMembers.`,
      );
    return [this.#known(method, of)];
  }

  /** @throws ConfigError for a series that there is not. */
  #known(method: string, of: number): number {
    const count = this.scalers.length;
    if (Number.isInteger(of) && of >= 0 && of < count) return of;
    throw notWhole(`${method}: of`, of, 0, count - 1);
  }

  /** Which series, and which models' forecasts of it, `evaluate` is asked for. @throws ConfigError as {@link placeOf}. */
  asked({ of, member, interval }: EvaluateOptions): { place: number; models: number[] } {
    const ensemble = this.seriesOf.length;
    if (member !== undefined && !(Number.isInteger(member) && member >= 0 && member < ensemble))
      throw notWhole('evaluate: member', member, 0, ensemble - 1);
    if (member === undefined && this.hasSeriesEach)
      throw new ConfigError('evaluate: every member has a series of its own; pass { member } to say which.');
    if (of !== undefined && this.hasSeriesEach)
      throw new ConfigError(
        `of: got ${of}, but every member has a series of its own, which member names; leave of out.`,
      );
    const place = this.placeOf('evaluate', of, member);
    const learners = this.learnersOf(place);
    if (member !== undefined && interval !== undefined && learners.length > 1)
      throw new ConfigError('interval: it is measured on the mean over the members; leave member or interval out.');
    return { place, models: member === undefined ? learners : [member] };
  }
}
