import type { Scaler } from '../data/scaler.ts';
import { ConfigError } from '../errors.ts';
import { notWhole } from '../options.ts';
import { shown } from '../shown.ts';
import { suggestion } from '../suggestion.ts';
import type { SeriesScalers } from './encoder.ts';
import type { EvaluateOptions } from './evaluation.ts';
import type { SavedModel } from './model_file.ts';

/** Ids to list in a message. */
const MAX_LISTED = 10;

/** What models keep of the fitted series besides weights: which model was trained on which series, ids and scales. */
export class Learned {
  /** For each series; empty before a fit. */
  readonly scalers: readonly SeriesScalers[];
  /** For each series; empty if they have no ids. */
  readonly ids: readonly string[];
  /** For each model the indices of its series. */
  readonly seriesOf: readonly (readonly number[])[];

  constructor({ scalers, ids, seriesOf }: Pick<SavedModel, 'scalers' | 'ids' | 'seriesOf'>) {
    this.scalers = scalers;
    this.ids = ids;
    this.seriesOf = seriesOf;
  }

  get targetScalers(): Scaler[] {
    return this.scalers.map(({ target }) => target);
  }

  /** Every member has its own series. */
  get hasSeriesEach(): boolean {
    return this.seriesOf.length > 1 && this.seriesOf[1]![0] !== 0;
  }

  /** The models trained on a series; for a new one, those trained on all. */
  learnersOf(place: number | undefined): number[] {
    return this.seriesOf.flatMap((own, model) => (place === undefined || own.includes(place) ? [model] : []));
  }

  /** The index of a series. @throws ConfigError for one that does not exist, or if `of` is required but missing. */
  placeOf(method: string, of: number | string | undefined): number {
    const count = this.scalers.length;
    if (of === undefined && count > 1)
      throw new ConfigError(
        this.hasSeriesEach
          ? `${method}: every member has its own series; choose one with { of }, its id or its index from 0.`
          : `${method}: there are ${count} series; choose one with { of }, its id or its index from 0.`,
      );
    if (typeof of !== 'string') return of === undefined ? 0 : this.#known(method, of);
    const place = this.ids.indexOf(of);
    if (place >= 0) return place;
    throw new ConfigError(`${method}: of: got ${shown(of)}, ${this.#expectedId(of)}`);
  }

  /**
   * The index of a given series, by its id or by `of`. Undefined: a new id, for models trained on several series.
   * @throws ConfigError as {@link placeOf}, and for an unknown id if every model has its own series.
   */
  placeOfGiven(method: string, id: string | undefined, of: number | string | undefined): number | undefined {
    const isNameless = this.ids.length === 0 && (this.scalers.length === 1 || this.hasSeriesEach);
    if (id === undefined || isNameless) return this.placeOf(method, of);
    const place = this.ids.indexOf(id);
    if (of !== undefined && this.placeOf(method, of) !== place)
      throw new ConfigError(`${method}: of: got ${shown(of)} with a series whose id is ${shown(id)}; leave of out.`);
    if (place < 0 && this.hasSeriesEach)
      throw new ConfigError(
        `${method}: no model was trained on the series ${shown(id)}.${suggestion(id, this.ids)} Models trained on all ` +
          'series (--global, or global: true) can forecast new ones.',
        { code: 'unknown-series', details: { id } },
      );
    return place < 0 ? undefined : place;
  }

  /** @throws ConfigError for a series that does not exist. */
  #known(method: string, of: number): number {
    const count = this.scalers.length;
    if (Number.isInteger(of) && of >= 0 && of < count) return of;
    throw notWhole(`${method}: of`, of, 0, count - 1);
  }

  #expectedId(id: string): string {
    if (this.ids.length === 0) return 'but the series were fitted without ids. Give its index, from 0.';
    const listed = this.ids.slice(0, MAX_LISTED).map(shown).join(', ');
    const more = this.ids.length - MAX_LISTED;
    return `expected one of ${listed}${more > 0 ? `, and ${more} more` : ''}.${suggestion(id, this.ids)}`;
  }

  /** The series and the models that `evaluate` is called for. @throws ConfigError as {@link placeOf}. */
  asked(
    { of, member, interval }: EvaluateOptions,
    id: string | undefined,
  ): { place: number | undefined; models: number[] } {
    const ensemble = this.seriesOf.length;
    if (member !== undefined && !(Number.isInteger(member) && member >= 0 && member < ensemble))
      throw notWhole('evaluate: member', member, 0, ensemble - 1);
    const ofMember = member !== undefined && this.hasSeriesEach ? member : undefined;
    if (ofMember !== undefined && of !== undefined && this.placeOf('evaluate', of) !== ofMember)
      throw new ConfigError(`of: got ${shown(of)} with member ${member}, which has another series; leave one out.`);
    const place = ofMember ?? this.placeOfGiven('evaluate', id, of);
    const learners = this.learnersOf(place);
    if (member !== undefined && interval !== undefined && learners.length > 1)
      throw new ConfigError(
        'interval: intervals are measured for the mean over the members; leave member or interval out.',
      );
    return { place, models: member === undefined ? learners : [member] };
  }
}
