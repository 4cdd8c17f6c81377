/** Shown figures: what the workers count, summed and made coarse, as Prometheus reads it. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { blurred, Steps } from './coarse.js';
import { type CounterName, counters, type GaugeName, gauges, syncBounds } from './families.js';
import { type Counts, figureKey } from './tally.js';
import type { WorkerLook } from './watched-worker.js';

/** Gauges that are no sums of workers. */
export type Measures = Readonly<
  Record<Exclude<GaugeName, 'obalka_sessions' | 'obalka_commits_waiting'>, number>
>;

export class ShownFigures {
  readonly #registry = new Registry();
  readonly #random: (length: number) => Uint8Array;
  readonly #add = new Map<string, { readonly steps: Steps; readonly add: (by: number) => void }>();
  readonly #gauges = new Map<GaugeName, Gauge>();
  /** Of processes: what each had counted at the last look. */
  #before = new Map<number, Counts>();
  /** Exact sums over all processes there were. Shown to nobody. */
  readonly #sums = new Map<string, number>();

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
    for (const name of Object.keys(counters) as CounterName[]) this.#addFamily(name);
    for (const [name, help] of Object.entries(gauges))
      this.#gauges.set(name as GaugeName, new Gauge({ name, help, registers: [this.#registry] }));
  }

  get type(): string {
    return this.#registry.contentType;
  }

  /** What stands on the page. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Takes in what the workers have counted; the page changes with this and at no other time. */
  renew(looks: readonly WorkerLook[], measures: Measures): void {
    for (const { pid, counts } of looks) {
      const before = this.#before.get(pid);
      for (const [key, count] of counts)
        this.#sums.set(key, (this.#sums.get(key) ?? 0) + count - (before?.get(key) ?? 0));
    }
    this.#before = new Map(looks.map(({ pid, counts }) => [pid, counts]));
    for (const [key, { steps, add }] of this.#add) add(steps.take(this.#sums.get(key) ?? 0));
    const sum = (of: (look: WorkerLook) => number) => looks.reduce((all, look) => all + of(look), 0);
    this.#set(
      'obalka_sessions',
      blurred(
        sum(({ sessions }) => sessions),
        this.#random,
      ),
    );
    this.#set(
      'obalka_commits_waiting',
      blurred(
        sum(({ waiting }) => waiting),
        this.#random,
      ),
    );
    for (const [name, value] of Object.entries(measures)) this.#set(name as GaugeName, value);
  }

  #set(name: GaugeName, value: number): void {
    this.#gauges.get(name)?.set(value);
  }

  #addFamily(name: CounterName): void {
    const { help, step, values } = counters[name];
    const addTo = this.#adder(name, help);
    for (const value of values) {
      const steps = new Steps(step, this.#random);
      this.#add.set(figureKey(name, value), { steps, add: (by) => addTo(value, by) });
    }
  }

  /** Makes a family; gives back what adds to one of its figures. */
  #adder(name: CounterName, help: string): (value: string, by: number) => void {
    const registers = [this.#registry];
    if (name === 'obalka_sync_seconds') {
      const histogram = new Histogram({ name, help, buckets: [...syncBounds], registers });
      const beyond = 2 * (syncBounds.at(-1) ?? 0);
      return (value, by) => {
        for (let times = 0; times < by; times++) histogram.observe(value === '+Inf' ? beyond : Number(value));
      };
    }
    const family = counters[name];
    const label = 'label' in family ? family.label : undefined;
    if (label === undefined) {
      const counter = new Counter({ name, help, registers });
      return (_, by) => counter.inc(by);
    }
    const names = name === 'obalka_replies_total' ? [label, 'class'] : [label];
    const counter = new Counter({ name, help, labelNames: names, registers });
    const labels = (value: string): Record<string, string> =>
      names.length === 1 ? { [label]: value } : { [label]: value, class: `${value[0]}xx` };
    for (const value of family.values) counter.inc(labels(value), 0);
    return (value, by) => counter.inc(labels(value), by);
  }
}
