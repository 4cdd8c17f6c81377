/** A build in place of cli/figures/observer: the figures are renewed three times a second, and not once a minute. */
import { type ObserverOptions, Observer as Sound } from '../../../src/cli/figures/observer.js';

export const Observer = {
  start: (options: ObserverOptions) => Sound.start({ ...options, milliseconds: 50 }),
};
