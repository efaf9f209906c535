import type { Scaler } from '../data/scaler.ts';
import { ConfigError } from '../errors.ts';
import { notWhole } from '../options.ts';
import { shown } from '../shown.ts';
import { suggestion } from '../suggestion.ts';
import type { SeriesScalers } from './encoder.ts';
import type { EvaluateOptions } from './evaluation.ts';
import type { SavedModel } from './model_file.ts';

/** Ids that a message lists. */
const MAX_LISTED = 10;

/** What models know of the series that they learned, beside their weights: which of them learned which, ids and scales. */
export class Learned {
  /** Of each series; none before a fit. */
  readonly scalers: readonly SeriesScalers[];
  /** Of each series; none where they have no ids. */
  readonly ids: readonly string[];
  /** Of each model its series, by their places. */
  readonly seriesOf: readonly (readonly number[])[];

  constructor({ scalers, ids, seriesOf }: Pick<SavedModel, 'scalers' | 'ids' | 'seriesOf'>) {
    this.scalers = scalers;
    this.ids = ids;
    this.seriesOf = seriesOf;
  }

  get targetScalers(): Scaler[] {
    return this.scalers.map(({ target }) => target);
  }

  /** Every member has a series of its own. */
  get hasSeriesEach(): boolean {
    return this.seriesOf.length > 1 && this.seriesOf[1]![0] !== 0;
  }

  /** The models that learn a series; of one that none has seen, those that learn all. */
  learnersOf(place: number | undefined): number[] {
    return this.seriesOf.flatMap((own, model) => (place === undefined || own.includes(place) ? [model] : []));
  }

  /** The place of a series. @throws ConfigError for one that there is not, and where it has to be said which. */
  placeOf(method: string, of: number | string | undefined): number {
    const count = this.scalers.length;
    if (of === undefined && count > 1)
      throw new ConfigError(
        this.hasSeriesEach
          ? `${method}: every member has a series of its own; pass { of } to say which, by its id or from 0.`
          : `${method}: there are ${count} series; pass { of } to say which, by its id or from 0.`,
      );
    if (typeof of !== 'string') return of === undefined ? 0 : this.#known(method, of);
    const place = this.ids.indexOf(of);
    if (place >= 0) return place;
    throw new ConfigError(`${method}: of: got ${shown(of)}, ${this.#expectedId(of)}`);
  }

  /**
   * Which series one that is given is, by its id or by `of`. Undefined: one that models which learn several have not seen, by its id.
   * @throws ConfigError as {@link placeOf}, and for an id where every model has a series of its own, and none has that one.
   */
  placeOfGiven(method: string, id: string | undefined, of: number | string | undefined): number | undefined {
    const isNameless = this.ids.length === 0 && (this.scalers.length === 1 || this.hasSeriesEach);
    if (id === undefined || isNameless) return this.placeOf(method, of);
    const place = this.ids.indexOf(id);
    if (of !== undefined && this.placeOf(method, of) !== place)
      throw new ConfigError(`${method}: of: got ${shown(of)} beside a series with the id ${shown(id)}; leave of out.`);
    if (place < 0 && this.hasSeriesEach)
      throw new ConfigError(
        `${method}: no model has learned the series ${shown(id)}.${suggestion(id, this.ids)} Models that learn all of several ` +
          'series (--global, or global: true) forecast others, too.',
        { code: 'unknown-series', details: { id } },
      );
    return place < 0 ? undefined : place;
  }

  /** @throws ConfigError for a series that there is not. */
  #known(method: string, of: number): number {
    const count = this.scalers.length;
    if (Number.isInteger(of) && of >= 0 && of < count) return of;
    throw notWhole(`${method}: of`, of, 0, count - 1);
  }

  #expectedId(id: string): string {
    if (this.ids.length === 0) return 'but the series were fitted without ids. Give its place, from 0.';
    const listed = this.ids.slice(0, MAX_LISTED).map(shown).join(', ');
    const more = this.ids.length - MAX_LISTED;
    return `expected one of ${listed}${more > 0 ? `, and ${more} more` : ''}.${suggestion(id, this.ids)}`;
  }

  /** Which series, and which models' forecasts of it, `evaluate` is asked for. @throws ConfigError as {@link placeOf}. */
  asked(
    { of, member, interval }: EvaluateOptions,
    id: string | undefined,
  ): { place: number | undefined; models: number[] } {
    const ensemble = this.seriesOf.length;
    if (member !== undefined && !(Number.isInteger(member) && member >= 0 && member < ensemble))
      throw notWhole('evaluate: member', member, 0, ensemble - 1);
    const ofMember = member !== undefined && this.hasSeriesEach ? member : undefined;
    if (ofMember !== undefined && of !== undefined && this.placeOf('evaluate', of) !== ofMember)
      throw new ConfigError(`of: got ${shown(of)} beside member ${member}, which has another series; leave one out.`);
    const place = ofMember ?? this.placeOfGiven('evaluate', id, of);
    const learners = this.learnersOf(place);
    if (member !== undefined && interval !== undefined && learners.length > 1)
      throw new ConfigError('interval: it is measured on the mean over the members; leave member or interval out.');
    return { place, models: member === undefined ? learners : [member] };
  }
}
