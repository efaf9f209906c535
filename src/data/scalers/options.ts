/** How a scaler takes the measure of values. */
export interface ScalerFitOptions {
  /**
   * What to do with values that do not spread, such as a constant series: 'refuse' (default) them, or 'keep' them: shifted,
   * and not scaled.
   */
  constant?: 'refuse' | 'keep';
}
