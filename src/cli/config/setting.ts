/** Setting: one thing that can be configured, as the tables describe it, and where its value comes from. */
import type { Kind } from './kinds.js';

export interface Setting<T> {
  readonly kind: Kind<T>;
  /** What holds if nobody says anything. */
  readonly usual: () => T;
  /** The same in words, where it is not the same on every machine, or says too little. */
  readonly usually?: string;
  /** The option that says it, or the options that do together. */
  readonly options: readonly SettingOption[];
  /** The variable that says it; a list is split at this. */
  readonly variable?: string;
  readonly splitAt?: string;
  /** Whether a running server takes another value at SIGHUP. */
  readonly isReread?: true;
  /** What options that work together say; without it, the words behind the only one. */
  readonly fromOptions?: (given: Given) => T | undefined;
}

/** Options as commander gives them, by the names it makes of them. */
export type Given = Readonly<Record<string, unknown>>;

export interface SettingOption {
  /** `--max-size <BYTES>` */
  readonly flags: string;
  readonly help: string;
}

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly line: number }
  | { readonly kind: 'default' };

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}
